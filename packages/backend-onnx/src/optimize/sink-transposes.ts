import type { GraphBuilder } from "../graph/builder.js";
import { elementsOf, sameShape } from "../graph/builder.js";
import type { Reduction } from "../graph/operations.js";
import { concat, reduce, reshape, transpose } from "../graph/operations.js";
import type { Node, Value } from "../graph/value.js";
import { arrayOf } from "../model/element-types.js";
import type { Rule } from "./rewrite.js";
import { reducedAxes, reductions } from "./row-local.js";

/** From the channels-first layout of convolutions to the channels-last layout of the tensor API. */
const toChannelsLast = [0, 2, 3, 1];

const unary = new Set([
  "Relu",
  "LeakyRelu",
  "Sigmoid",
  "Tanh",
  "Neg",
  "Abs",
  "Exp",
  "Sqrt",
  "Clip",
  "Cast",
  "Erf",
  "Sign",
]);
const binary = new Set(["Add", "Sub", "Mul", "Div", "Max", "Min"]);

/** The channels-first value before a transposition to channels-last. */
function channelsFirst(value: Value | null | undefined): Value | undefined {
  if (value?.source.kind !== "node" || value.source.node.op !== "Transpose") return undefined;
  const perm = value.source.node.attributes.perm as readonly number[];
  return sameShape(perm, toChannelsLast) ? value.source.node.inputs[0]! : undefined;
}

/** The other operand in channels-first layout, if that is free: with one channel or one pixel there is no order to change. */
function aligned(b: GraphBuilder, value: Value): Value | undefined {
  const first = channelsFirst(value);
  if (first !== undefined) return first;
  if (value.shape.length === 0) return value;
  if (value.shape.length > 4) return undefined;
  const [n, h, w, c] = [1, 1, 1, 1, ...value.shape].slice(-4) as [number, number, number, number];
  if (c !== 1 && h * w !== 1) return undefined;
  return reshape(b, value, n === 1 ? [c, h, w] : [n, c, h, w]);
}

/** A reduction of images in channels-first layout with the same result: valid in any layout if one channel or one pixel remains. */
function reduced(b: GraphBuilder, node: Node, images: Value, axes: readonly number[]): Value | undefined {
  const all = axes.includes(1) && axes.includes(2);
  if (!all && !(axes.length === 1 && axes[0] === 3)) return undefined;
  const found = reduce(b, node.op as Reduction, images, axes.map((axis) => toChannelsLast[axis]!).sort(), false);
  return reshape(b, found, node.outputs[0]!.shape);
}

/** Moves a transposition to channels-last past an operator, until it meets the transposition to channels-first of the next convolution. */
export const sinkTransposes: Rule = (b: GraphBuilder, node: Node, inputs: readonly (Value | null)[]) => {
  const output = node.outputs[0]!;
  // The two transpositions cancel here.
  if (node.op === "Transpose") return [transpose(b, inputs[0]!, node.attributes.perm as readonly number[])];
  if (reductions.has(node.op)) {
    const images = channelsFirst(inputs[0]);
    const found = images && reduced(b, node, images, reducedAxes(node));
    return found && [found];
  }
  if (output.shape.length !== 4) return undefined;
  const [n, h, w, c] = output.shape as [number, number, number, number];
  const result = { type: output.type, shape: [n, c, h, w] };
  const back = (value: Value): Value[] => [transpose(b, value, toChannelsLast)];
  if (unary.has(node.op)) {
    const first = channelsFirst(inputs[0]);
    return first && back(b.apply(node.op, [first, ...inputs.slice(1)], result, node.attributes));
  }
  if (binary.has(node.op)) {
    if (channelsFirst(inputs[0]) === undefined && channelsFirst(inputs[1]) === undefined) return undefined;
    const [left, right] = [aligned(b, inputs[0]!), aligned(b, inputs[1]!)];
    return left && right && back(b.apply(node.op, [left, right], result, node.attributes));
  }
  if (node.op === "Concat" && node.attributes.axis === 3) {
    const parts = inputs.map(channelsFirst);
    return parts.every((part) => part !== undefined) ? back(concat(b, parts, 1)) : undefined;
  }
  return undefined;
};

/** A constant added to every channel of a convolution becomes its bias. */
export const foldBias: Rule = (b, node, inputs, uses) => {
  if (node.op !== "Add") return undefined;
  for (const side of [0, 1]) {
    const [map, offset] = [inputs[side]!, inputs[1 - side]!];
    if (map.source.kind !== "node" || map.source.node.op !== "Conv" || map.source.node.inputs.length > 2) continue;
    const channels = map.shape[1]!;
    const perChannel = offset.source.kind === "constant" && sameShape(offset.shape, [channels, 1, 1]);
    if (!perChannel || uses(node.inputs[side]!) !== 1) continue;
    const bias = b.constant(offset.type, [channels], arrayOf(offset.type, elementsOf(offset)!));
    const conv = map.source.node;
    return [b.apply("Conv", [...conv.inputs, bias], { type: map.type, shape: map.shape }, conv.attributes)];
  }
  return undefined;
};
