import type { Node, Value } from "../graph/value.js";

/** Elementwise operators with broadcasting. */
const elementwise = new Set([
  "Abs",
  "Add",
  "And",
  "Cast",
  "Ceil",
  "Clip",
  "Cos",
  "Cosh",
  "Div",
  "Elu",
  "Equal",
  "Erf",
  "Exp",
  "Floor",
  "Greater",
  "GreaterOrEqual",
  "IsNaN",
  "LeakyRelu",
  "Less",
  "LessOrEqual",
  "Log",
  "Max",
  "Min",
  "Mul",
  "Neg",
  "Not",
  "Or",
  "Pow",
  "Reciprocal",
  "Relu",
  "Round",
  "Selu",
  "Sigmoid",
  "Sign",
  "Sin",
  "Sinh",
  "Sqrt",
  "Sub",
  "Tan",
  "Tanh",
  "Where",
  "Xor",
]);

/** Reductions, along the axes of `reducedAxes`. */
export const reductions = new Set(["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin"]);

/** Axes of a reduction: a constant list, or all. */
export function reducedAxes(node: Node): number[] {
  const source = node.inputs[1]?.source;
  if (source?.kind !== "constant") return [];
  return Array.from(source.data as BigInt64Array, Number);
}

/** How a node uses an input: row by row, or as a whole for each row. */
export type RowUse = "rows" | "whole";

/**
 * Whether a node computes each row (index of the first axis) of its output from the same row of its inputs and from
 * values shared by all rows. Such nodes can run on a few rows at a time.
 *
 * @returns how each input is used, or undefined if the node mixes rows.
 */
export function rowUses(node: Node): readonly RowUse[] | undefined {
  const output = node.outputs[0]!;
  const rank = output.shape.length;
  const rows = output.shape[0];
  if (node.outputs.length !== 1 || node.domain !== "" || rows === undefined || rows === 1) return undefined;
  if (elementwise.has(node.op)) {
    return node.inputs.map((input) => (input!.shape.length === rank && input!.shape[0] === rows ? "rows" : "whole"));
  }
  if (reductions.has(node.op) && node.attributes.keepdims === 1) {
    return reducedAxes(node).includes(0) || node.inputs[1] == null ? undefined : ["rows", "whole"];
  }
  if (node.op === "Softmax" || node.op === "LogSoftmax") {
    return node.attributes.axis === 0 ? undefined : ["rows"];
  }
  return undefined;
}

/** Elements per row. */
export function rowSize(value: Value): number {
  return value.shape.slice(1).reduce((product, size) => product * size, 1);
}
