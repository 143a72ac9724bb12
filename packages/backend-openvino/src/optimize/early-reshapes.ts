import type { GraphBuilder, Rule, UseCount, Value } from "@ganymede/backend-onnx/engine";
import { binary, reshape, sizeOf, splatOf } from "@ganymede/backend-onnx/engine";
import { elementwise, isProductResult } from "./readers.js";

/**
 * A value in another shape, if it is a product's result or elementwise operators on one that nothing else reads: then the reshape comes right after
 * the product.
 *
 * @param before the value in the graph that is being rewritten.
 */
function afterProduct(
  b: GraphBuilder,
  before: Value,
  now: Value,
  shape: readonly number[],
  uses: UseCount,
): Value | undefined {
  if (before.source.kind !== "node" || now.source.kind !== "node" || uses(before) !== 1) return undefined;
  if (isProductResult(before) && isProductResult(now)) return reshape(b, now, shape);
  const [old, node] = [before.source.node, now.source.node];
  if (!elementwise.has(old.op) || node.op !== old.op || node.inputs.length !== old.inputs.length) return undefined;
  const columns = now.shape.at(-1);
  // A number or a row fits the other shape as it is.
  const fits = ({ shape: own }: Value): boolean =>
    sizeOf(own) === 1 ? own.length <= shape.length : own.length === 1 && own[0] === columns && shape.at(-1) === columns;
  const moved = (node.inputs as readonly Value[]).map((input, i) => {
    const whole = sizeOf(input.shape) === sizeOf(now.shape);
    return whole ? afterProduct(b, old.inputs[i]!, input, shape, uses) : fits(input) ? input : undefined;
  });
  if (!moved.every((input) => input !== undefined)) return undefined;
  return b.apply(node.op, moved, { type: now.type, shape }, node.attributes);
}

/**
 * Reshapes the result of a product before bias and scale are applied in place of after it: on both sides of a reshape, OpenVINO computes in two
 * passes.
 */
export const earlyReshapes: Rule = (b, node, inputs, uses) => {
  if (node.op !== "Reshape" || isProductResult(inputs[0]!)) return undefined;
  const early = afterProduct(b, node.inputs[0]!, inputs[0]!, node.outputs[0]!.shape, uses);
  return early && [early];
};

/** `(x c) y = x (c y)` for a number c, where y is smaller than x: else x and x c are both kept. */
export const smallScales: Rule = (b, node, inputs) => {
  if (node.op !== "Mul" || node.outputs[0]!.type !== "float32") return undefined;
  for (const side of [0, 1]) {
    const [large, small] = [inputs[side]!, inputs[1 - side]!];
    if (large.source.kind !== "node" || large.source.node.op !== "Mul") continue;
    const factors = large.source.node.inputs as [Value, Value];
    const scale = factors.find((factor) => splatOf(factor) !== undefined);
    const rest = factors.find((factor) => factor !== scale);
    if (scale === undefined || rest === undefined || sizeOf(scale.shape) !== 1) continue;
    if (sizeOf(small.shape) * 2 > sizeOf(rest.shape)) continue;
    return [binary(b, "Mul", rest, binary(b, "Mul", small, scale))];
  }
  return undefined;
};
