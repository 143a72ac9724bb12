import type { GraphBuilder } from "../graph/builder.js";
import { concat, matrixProduct, reshape, transpose } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import type { Geometry } from "./geometry.js";
import { channelsFirst, channelsLast } from "./geometry.js";

/** With fewer channels a matrix product per tap is too narrow to pay. */
const worthwhileChannels = 16;

/** Whether `filterProducts` serves, and serves better than a convolution over the batch. */
export function hasWideTaps(g: Geometry): boolean {
  return g.channelsLast && g.input.length === 2 && g.inChannels >= worthwhileChannels;
}

/**
 * The adjoint in the filters as one matrix product per tap: dW[i, j] = X[i.., j..]^T dY over all pixels of all images, straight from
 * channels-last images `[B, H, W, C]` and derivatives `[B, h, w, O]`, to `[kh, kw, C, O]`.
 */
export function filterProducts(b: GraphBuilder, x: Value, dy: Value, g: Geometry): Value {
  const [height, width] = g.input.map((size, i) => size + g.before[i]! + g.after[i]!) as [number, number];
  const margins = [0, g.before[0]!, g.before[1]!, 0, 0, g.after[0]!, g.after[1]!, 0];
  const padded = margins.every((margin) => margin === 0)
    ? x
    : b.apply(
        "Pad",
        [x, b.integers(margins), b.scalar(x.type, 0)],
        { type: x.type, shape: [g.batch, height, width, g.inChannels] },
        { mode: "constant" },
      );
  const [rows, columns] = g.output as [number, number];
  const pixels = g.batch * rows * columns;
  const derivatives = reshape(b, dy, [pixels, g.outChannels]);
  const taps: Value[] = [];
  for (let i = 0; i < g.window[0]!; i++) {
    for (let j = 0; j < g.window[1]!; j++) {
      const starts = [i * g.dilations[0]!, j * g.dilations[1]!];
      const ends = starts.map((start, axis) => start + (g.output[axis]! - 1) * g.strides[axis]! + 1);
      const parts = [starts, ends, [1, 2], g.strides].map((list) => b.integers(list));
      const shape = [g.batch, rows, columns, g.inChannels];
      const seen = b.apply("Slice", [padded, ...parts], { type: x.type, shape });
      const product = matrixProduct(b, reshape(b, seen, [pixels, g.inChannels]), derivatives, true, false);
      taps.push(reshape(b, product, [1, g.inChannels, g.outChannels]));
    }
  }
  return reshape(b, concat(b, taps, 0), [...g.window, g.inChannels, g.outChannels]);
}

/** Whether `flippedConvolution` serves. */
export function hasUnitStrides(g: Geometry): boolean {
  const fits = g.reach.every((reach, i) => g.before[i]! < reach && g.after[i]! < reach);
  return g.strides.every((stride) => stride === 1) && g.input.length === 2 && fits;
}

/**
 * The adjoint in the images at stride 1 is a convolution of the derivatives with the filters turned by half a turn, which the engine
 * runs faster than a transposed convolution.
 */
export function flippedConvolution(b: GraphBuilder, dy: Value, filter: Value, g: Geometry): Value {
  const every = (value: number): Value => b.integers([value, value]);
  const turned = b.apply("Slice", [filter, every(-1), every(-(2 ** 31)), b.integers([0, 1]), every(-1)], filter);
  const filters = transpose(b, turned, [2, 3, 0, 1]); // [C, O, kh, kw]
  const derivatives = g.channelsLast ? channelsFirst(b, dy) : dy;
  const pads = [...g.before, ...g.after].map((margin, i) => g.reach[i % 2]! - 1 - margin);
  const shape = [g.batch, g.inChannels, ...g.input];
  const attributes = { dilations: g.dilations, pads };
  const dx = b.apply("Conv", [derivatives, filters], { type: dy.type, shape }, attributes);
  return g.channelsLast ? channelsLast(b, dx) : dx;
}
