import type { Rule, Value } from "@ganymede/backend-onnx/engine";
import { arrayOf, binary, elementsOf, where } from "@ganymede/backend-onnx/engine";

export const isWhole = ({ type }: Value): boolean => type === "int32" || type === "int64";

/**
 * Keeps integers right where OpenVINO takes a detour through float32, which is exact up to 2^24 alone: Relu and Clip. A cast of constant
 * integers is done here and now: `Abs(Cast(constant))` is folded wrongly there.
 */
export const exactIntegers: Rule = (b, node, inputs) => {
  const [x, low, high] = inputs as [Value, (Value | null)?, (Value | null)?];
  const [output] = node.outputs as [Value, ...Value[]];
  const { type, shape } = output;
  if (node.op === "Cast" && x.source.kind === "constant" && (isWhole(x) || x.type === "bool") && type !== "float16") {
    const elements = elementsOf(x)!;
    return [
      b.constant(type, shape, arrayOf(type, type === "bool" ? elements.map((each) => Number(each !== 0)) : elements)),
    ];
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
