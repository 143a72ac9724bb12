import type { GraphBuilder, Rule, Value } from "@ganymede/backend-onnx/engine";
import { binary, cast, unary, where } from "@ganymede/backend-onnx/engine";

export const isWhole = ({ type }: Value): boolean => type === "int32" || type === "int64";

/** The absolute value of an integer, as a choice. */
export function magnitude(b: GraphBuilder, x: Value): Value {
  return where(b, binary(b, "Less", x, b.scalar(x.type, 0), "bool"), unary(b, "Neg", x), x);
}

/** The integers that a value was before a cast, or is. */
function integersOf(x: Value): Value | undefined {
  if (isWhole(x)) return x;
  const before = x.source.kind === "node" && x.source.node.op === "Cast" ? x.source.node.inputs[0]! : undefined;
  return before !== undefined && isWhole(before) ? before : undefined;
}

/**
 * Keeps integers right: OpenVINO takes a detour through float32, which is exact up to 2^24 alone, for Relu and Clip, and folds absolute
 * values of constant integers wrongly.
 */
export const exactIntegers: Rule = (b, node, inputs) => {
  const [x, low, high] = inputs as [Value, (Value | null)?, (Value | null)?];
  const [output] = node.outputs as [Value, ...Value[]];
  const { type } = output;
  if (node.op === "Abs") {
    const whole = integersOf(x);
    return whole && [cast(b, magnitude(b, whole), type)];
  }
  if (!isWhole(output)) return undefined;
  // As choices: a maximum and a minimum with constants are joined to a clip again.
  const least = (value: Value, bound: Value): Value => where(b, binary(b, "Less", value, bound, "bool"), bound, value);
  const most = (value: Value, bound: Value): Value =>
    where(b, binary(b, "Greater", value, bound, "bool"), bound, value);
  if (node.op === "Relu") return [least(x, b.scalar(type, 0))];
  if (node.op !== "Clip") return undefined;
  const raised = low ? least(x, low) : x;
  return [high ? most(raised, high) : raised];
};
