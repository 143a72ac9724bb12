import type { Rule, Value } from "@ganymede/backend-onnx/engine";
import { expand, sizeOf } from "@ganymede/backend-onnx/engine";
import { GanymedeError } from "@ganymede/core";

const isEmpty = (value: Value | null): value is Value => value !== null && sizeOf(value.shape) === 0;

/** What a reduction of nothing gives. */
const neutral: Readonly<Record<string, number>> = {
  ReduceSum: 0,
  ReduceProd: 1,
  ReduceMean: 0,
  ReduceMax: Number.NEGATIVE_INFINITY,
  ReduceMin: Number.POSITIVE_INFINITY,
};

/**
 * Takes tensors without elements out of a graph: OpenVINO reads a constant without elements as a scalar. What has no elements is known by its
 * shape, and what is computed from it is a constant.
 *
 * @throws GanymedeError `unsupported` for an operator that makes elements of none and is not known here.
 */
export const withoutEmptyTensors: Rule = (b, node, inputs) => {
  const { op, outputs } = node;
  if (outputs.every(isEmpty)) return outputs.map(({ type, shape }) => b.fill(type, shape, 0));
  const [output] = outputs as [Value, ...Value[]];
  const { type, shape } = output;
  // The list of sizes of a scalar is itself without elements.
  if (op === "Reshape" && shape.length === 0) return [b.apply("Squeeze", [inputs[0]!], output)];
  if (!inputs.some(isEmpty)) return undefined;
  if (op === "Concat") {
    const rest = inputs.filter((input) => !isEmpty(input));
    return rest.length === 1 ? [rest[0]!] : [b.apply(op, rest, output, node.attributes)];
  }
  if (op in neutral && isEmpty(inputs[0]!)) {
    const limit = type === "int32" ? Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, neutral[op]!)) : neutral[op]!;
    return [b.fill(type, shape, limit)];
  }
  if (op === "MatMul" || op === "FusedMatMul") return [b.fill(type, shape, 0)];
  if (op === "Pad") return [inputs[2] ? expand(b, inputs[2], shape) : b.fill(type, shape, 0)];
  if (op.startsWith("Scatter") && isEmpty(inputs[2]!)) return [inputs[0]!];
  throw new GanymedeError(
    "unsupported",
    `openvino backend: ${op} must not be given a tensor without elements, got one in a compiled function; use --backend onnx`,
  );
};
