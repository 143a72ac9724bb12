/**
 * Window attention, plain and shifted: attention inside windows that do not overlap, with a learned bias for every offset; a shifted
 * layer first moves the map by half a window, cyclically, and hides pixels that only the move made neighbours. Plain and shifted
 * layers in turn pass information between windows.
 * Shapes: x [B, H, W, C] -> [B, H, W, C], H and W multiples of the window's side w; bias table [(2w - 1)^2, heads].
 * Cost: 4 H W C^2 + 2 H W w^2 C multiply-adds, H W w^2 weights for each head.
 * Source: Liu et al. 2021, Swin, arXiv 2103.14030, section 3.2. Side 7 there; 8 here, which divides maps of powers of two.
 * Differs from source: the projections of queries, keys and values have no bias.
 */
import type { AttentionOptions } from "@ganymede/core";
import { defineLayer, defineMapAttention, expectShape } from "@ganymede/core";
import { nullable, record, whole } from "@ganymede/core/config";
import { observedInGroups } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { hidden } from "./parts/hidden.js";
import { relativePositionBias } from "./parts/logit-bias.js";
import { maskedMultiHead } from "./parts/multi-head.js";
import { fromWindows, roll, toWindows, windowGroups } from "./parts/windows.js";

/**
 * What hides pixels of a moved map from each other where its border runs through their window: [B H W / w^2, 1, w^2, w^2] of 0 and
 * -1e9. Pixels see each other where they come from the same of nine regions.
 */
function borderMask(batch: number, height: number, width: number, window: number, shift: number): tf.Tensor4D {
  const band = (at: number, size: number): number => (at < size - window ? 0 : at < size - shift ? 1 : 2);
  const regions = Float32Array.from({ length: height * width }, (_, place) => {
    return 3 * band(Math.floor(place / width), height) + band(place % width, width);
  });
  const windows = toWindows(tf.tensor4d(regions, [1, height, width, 1]), window); // [H W / w^2, w^2, 1]
  const differ = tf.notEqual(windows, tf.transpose(windows, [0, 2, 1])); // [H W / w^2, w^2, w^2]
  return tf.tile<tf.Tensor4D>(tf.expandDims(tf.mul(tf.cast(differ, "float32"), hidden), 1), [batch, 1, 1, 1]);
}

/** Side of a window, in pixels. */
const side = whole();

function windowedLayer(options: AttentionOptions, window: number, shift: number, id: string) {
  const inside = { ...options, grid: [window, window] } as const;
  const attention = maskedMultiHead(inside, { biases: [relativePositionBias()] }, `${id} attention`);
  return defineLayer({
    init: attention.init,
    apply(params, x: tf.Tensor4D, context): tf.Tensor4D {
      expectShape(x, ["B", "H", "W", options.channels], `${id} attention input`);
      const [batch, height, width] = x.shape;
      const windows = toWindows(roll(x, shift), window); // [B H W / w^2, w^2, C]
      const mask = shift === 0 ? undefined : borderMask(batch, height, width, window, shift);
      const within = observedInGroups(context, windowGroups(height, width, window, shift));
      return roll(fromWindows(attention.apply(params, { x: windows, mask }, within), window, height, width), -shift);
    },
  });
}

/** Windows where they are. */
export const window = defineMapAttention({
  id: "window",
  source: "https://arxiv.org/abs/2103.14030",
  defaults: { window: 8 },
  settings: record({ window: side }),
  create: ({ window: pixels }, options) => windowedLayer(options, pixels, 0, "window"),
});

/** Windows half a window further down and to the right. */
export const shiftedWindow = defineMapAttention({
  id: "shifted-window",
  source: "https://arxiv.org/abs/2103.14030",
  defaults: { window: 8, shift: null },
  settings: record({
    window: side,
    /** How far the map moves, in pixels; null for half a window. Default: null. */
    shift: nullable(whole(0)),
  }),
  create: ({ window: pixels, shift }, options) =>
    windowedLayer(options, pixels, shift ?? Math.floor(pixels / 2), "shifted-window"),
});
