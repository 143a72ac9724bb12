import type { Node, Value } from "../graph/value.js";

/** Operators that treat every element alike, with broadcasting. */
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

/** Operators that make one number of many, along the axes that `reducedAxes` gives. */
export const reductions = new Set(["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin"]);

/** Axes of a reduction: a constant list, or all. */
export function reducedAxes(node: Node): number[] {
  const source = node.inputs[1]?.source;
  if (source?.kind !== "constant") return [];
  return Array.from(source.data as BigInt64Array, Number);
}

/** How an input meets the rows of a node: cut into the same rows, or seen whole by each of them. */
export type RowUse = "rows" | "whole";

/**
 * Whether a node computes each row (each index of the first axis) of its output from the same row of its inputs, and from
 * values that all rows share. Such nodes can run on a few rows at a time.
 *
 * @returns how each input is used, or undefined where the node mixes rows.
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

/** Elements in one row. */
export function rowSize(value: Value): number {
  return value.shape.slice(1).reduce((product, size) => product * size, 1);
}
