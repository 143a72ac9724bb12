import type { GraphBuilder } from "../graph/builder.js";
import { binary, concat, reshape, unary } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import { arrayOf } from "../model/element-types.js";
import { plainOperators } from "./plain-operators.js";
import type { Rule } from "./rewrite.js";

/** pi in three parts, so that products of the first two with integers and half-integers are exact up to about ten thousand. */
const piParts = [3.140625, 9.675025939941406e-4, 1.5099579909783765e-7];

/** (sin r / r - 1) / r² for |r| <= pi/2, highest power of r² first: weighted least squares with a largest error of 5e-9. */
const sineSeries = [2.599994104457437e-6, -1.9806588534265757e-4, 8.333017118275166e-3, -0.16666656732559204];

/**
 * `sin a = (-1)^k sin(a - k pi)` with |a - k pi| <= pi/2, and the cosine half a turn on: accurate to 2e-7 up to about ten thousand. WGSL
 * allows errors of 5e-4 even near zero, and specifies nothing for large arguments.
 */
function sine(b: GraphBuilder, a: Value, ahead: 0 | 0.5): Value {
  const number = (x: number): Value => b.scalar("float32", x);
  const scaled = binary(b, "Mul", a, number(1 / Math.PI));
  const k = unary(b, "Floor", binary(b, "Add", scaled, number(0.5 + ahead)));
  const turns = binary(b, "Sub", k, number(ahead));
  const r = piParts.reduce((rest, part) => binary(b, "Sub", rest, binary(b, "Mul", turns, number(part))), a);
  const z = binary(b, "Mul", r, r);
  const series = sineSeries
    .slice(1)
    .reduce(
      (sum, coefficient) => binary(b, "Add", binary(b, "Mul", sum, z), number(coefficient)),
      number(sineSeries[0]!),
    );
  const positive = binary(b, "Add", binary(b, "Mul", binary(b, "Mul", series, z), r), r);
  const even = binary(b, "Mul", unary(b, "Floor", binary(b, "Mul", k, number(0.5))), number(2));
  const odd = binary(b, "Sub", k, even);
  return binary(b, "Mul", positive, binary(b, "Sub", number(1), binary(b, "Mul", odd, number(2))));
}

/**
 * A grouped transposed convolution with several inputs per group as one without groups, whose filter is 0 between groups: the engine's own
 * gives wrong numbers.
 */
const ungrouped: Rule = (b, node, inputs) => {
  const { group } = node.attributes as { group?: number };
  const [x, filter] = inputs as [Value, Value];
  if (node.op !== "ConvTranspose" || group === undefined || group === 1 || filter.shape[0] === group) return undefined;
  const [channels, outputs, ...window] = filter.shape as [number, number, ...number[]];
  const inGroup = Array.from({ length: channels * group }, (_, i) =>
    Math.floor(i / group / (channels / group)) === i % group ? 1 : 0,
  );
  const mask = b.constant(filter.type, [channels, group, 1, ...window.map(() => 1)], arrayOf(filter.type, inGroup));
  const blocks = binary(b, "Mul", reshape(b, filter, [channels, 1, outputs, ...window]), mask);
  const dense = reshape(b, blocks, [channels, group * outputs, ...window]);
  return [b.apply("ConvTranspose", [x, dense], node.outputs[0]!, { ...node.attributes, group: 1 })];
};

/**
 * A convolution over 6, 9, 15, ... channels, padded with zero channels to the next multiple of 4: the engine reads channels wrongly three
 * at a time.
 */
const filledChannels: Rule = (b, node, inputs) => {
  const [x, filter, ...bias] = inputs as [Value, Value, ...Value[]];
  const { group } = node.attributes as { group?: number };
  if (node.op !== "Conv" || (group ?? 1) !== 1) return undefined;
  const channels = filter.shape[1]!;
  if (channels === 3 || channels % 3 !== 0 || channels % 4 === 0) return undefined;
  const fill = (value: Value): Value =>
    concat(b, [value, b.fill(value.type, value.shape.with(1, 4 - (channels % 4)), 0)], 1);
  return [b.apply("Conv", [fill(x), fill(filter), ...bias], node.outputs[0]!, node.attributes)];
};

/** Replacements of operators that ONNX Runtime's WebGPU engine lacks or computes wrongly. */
export const webgpuOperators: Rule = (b, node, inputs, uses) => {
  const x = inputs[0]!;
  switch (node.op) {
    case "Sin":
      return [sine(b, x, 0)];
    case "Cos":
      return [sine(b, x, 0.5)];
    case "Tan":
      return [binary(b, "Div", sine(b, x, 0), sine(b, x, 0.5))];
    default:
      return (
        ungrouped(b, node, inputs, uses) ??
        filledChannels(b, node, inputs, uses) ??
        plainOperators(b, node, inputs, uses)
      );
  }
};
