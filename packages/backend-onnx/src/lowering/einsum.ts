import { backend_util, util } from "@tensorflow/tfjs-core";
import { cast } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import type { LoweringInput, LoweringTable } from "./lowering.js";
import { attribute } from "./lowering.js";

/** Sums of products over named axes. tfjs's own parser reports invalid equations. */
function einsum({ b, inputs, attrs }: LoweringInput): Value {
  const operands = Object.values(inputs);
  const equation = attribute<string>(attrs, "equation").replaceAll(/\s/g, "");
  const { allDims, idDims } = backend_util.decodeEinsumEquation(equation, operands.length);
  const shapes = operands.map(({ shape }) => ({ shape: [...shape] }));
  backend_util.checkEinsumDimSizes(allDims.length, idDims, shapes as never);
  const sizes = new Map<string, number>();
  const [left, right] = equation.split("->") as [string, string];
  left.split(",").forEach((labels, i) => {
    const { shape } = operands[i]!;
    util.assert(
      labels.length === shape.length,
      () => `einsum: operand ${i} must have the axes "${labels}", got shape [${shape}].`,
    );
    [...labels].forEach((label, axis) => sizes.set(label, operands[i]!.shape[axis]!));
  });
  const { type } = operands[0]!;
  // ONNX Runtime does not multiply booleans.
  const numeric = type === "bool" ? "int32" : type;
  const shape = [...right].map((label) => sizes.get(label)!);
  const numbers = operands.map((operand) => cast(b, operand, numeric));
  return cast(b, b.apply("Einsum", numbers, { type: numeric, shape }, { equation }), type);
}

export const einsums: LoweringTable = { Einsum: einsum };
