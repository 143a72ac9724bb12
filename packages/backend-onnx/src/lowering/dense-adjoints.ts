import type { GraphBuilder } from "../graph/builder.js";
import { matrixProduct, reshape, transpose } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import type { Geometry } from "./geometry.js";
import { channelsFirst, channelsLast } from "./geometry.js";

/** Whether `filterConvolution` applies: dense windows over channels-last images. */
export function hasDenseWindows(g: Geometry): boolean {
  return g.channelsLast && g.input.length === 2 && g.dilations.every((dilation) => dilation === 1);
}

/** The zero-padded part of the images that the windows cover: `[B, H, W, C]`. */
function reachedImages(b: GraphBuilder, x: Value, g: Geometry): Value {
  const reached = g.output.map((count, i) => (count - 1) * g.strides[i]! + g.window[i]!) as [number, number];
  const [top, left] = g.before as [number, number];
  // If windows stop before the border the margin is negative, and the rest is cropped.
  const after = reached.map((size, i) => size - g.before[i]! - g.input[i]!);
  const margins = [0, top, left, 0, 0, ...after, 0];
  if (margins.every((margin) => margin === 0)) return x;
  return b.apply(
    "Pad",
    [x, b.integers(margins), b.scalar(x.type, 0)],
    { type: x.type, shape: [g.batch, ...reached, g.inChannels] },
    { mode: "constant" },
  );
}

/**
 * The adjoint in the filters, from channels-last images `[B, H, W, C]` and derivatives `[B, h, w, O]` to `[kh, kw, C, O]`, as one
 * convolution: the derivatives are the filters, `[O, B, h, w]`, the batch is summed over, and pixels and channels of a row of the
 * images are one axis, with a dilation of C for the filters' columns: a step on it moves through the channels, C steps are a pixel. So the
 * engine gathers windows in its caches, where a product per tap would copy the images once per tap.
 */
export function filterConvolution(b: GraphBuilder, x: Value, dy: Value, g: Geometry): Value {
  const [rows, columns] = g.window as [number, number];
  const { batch, inChannels, outChannels } = g;
  if (rows === 1 && columns === 1 && g.strides.every((stride) => stride === 1)) {
    const pixels = batch * g.output[0]! * g.output[1]!;
    const images = reshape(b, reachedImages(b, x, g), [pixels, inChannels]);
    const product = matrixProduct(b, images, reshape(b, dy, [pixels, outChannels]), true, false);
    return reshape(b, product, [1, 1, inChannels, outChannels]);
  }
  const images = reachedImages(b, x, g);
  const [, height, width] = images.shape as [number, number, number, number];
  const lines = reshape(b, images, [1, batch, height, width * inChannels]);
  const derivatives = transpose(b, dy, [3, 0, 1, 2]);
  const found = b.apply(
    "Conv",
    [lines, derivatives],
    { type: x.type, shape: [1, outChannels, rows, columns * inChannels] },
    { dilations: [g.strides[0]!, g.strides[1]! * inChannels] },
  );
  return transpose(b, reshape(b, found, [outChannels, rows, columns, inChannels]), [1, 2, 3, 0]);
}

/** Whether `flippedConvolution` applies. */
export function hasUnitStrides(g: Geometry): boolean {
  const fits = g.reach.every((reach, i) => g.before[i]! < reach && g.after[i]! < reach);
  return g.strides.every((stride) => stride === 1) && g.input.length === 2 && fits;
}

/**
 * The adjoint in the images at stride 1 is a convolution of the derivatives with the filters rotated by 180 degrees, which the engine
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
