import { binary, transpose, unary, where } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import type { Rule } from "./rewrite.js";

/**
 * Rewrites operators that only the CPU engine has: on a device, an operator that falls back to the CPU transfers its operands
 * there and its result back.
 */
export const plainOperators: Rule = (b, node, inputs) => {
  const [x, y] = inputs as [Value, Value];
  switch (node.op) {
    case "FusedMatMul": {
      const { transA, transB, alpha } = node.attributes as { transA: number; transB: number; alpha: { float: number } };
      const turned = (value: Value): Value => {
        const axes = value.shape.map((_, axis) => axis);
        return transpose(b, value, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
      };
      const output = node.outputs[0]!;
      const product = b.apply("MatMul", [transA === 1 ? turned(x) : x, transB === 1 ? turned(y) : y], output);
      return [alpha.float === 1 ? product : binary(b, "Mul", product, b.scalar(x.type, alpha.float))];
    }
    case "Or":
      return [unary(b, "Not", binary(b, "And", unary(b, "Not", x), unary(b, "Not", y)))];
    case "Sign": {
      const zero = b.scalar(x.type, 0);
      const fill = (element: number): Value => b.fill(x.type, x.shape, element);
      const negative = where(b, binary(b, "Less", x, zero, "bool"), fill(-1), zero);
      return [where(b, binary(b, "Greater", x, zero, "bool"), fill(1), negative)];
    }
    default:
      return undefined;
  }
};
