import * as tf from "@tensorflow/tfjs-core";
import { alongAxes } from "./along-axes.js";

export interface FilterOptions {
  /** Taps of the separable kernel, normalised to sum to 1. StyleGAN uses `[1, 3, 3, 1]`. */
  readonly taps: readonly number[];
  /** Zero padding before and after, on both axes. */
  readonly padding: readonly [number, number];
  /** Factor of the result. Default: 1. */
  readonly gain?: number;
  /** Upsampling factor: zeros are inserted between the pixels first. Default: 1. */
  readonly up?: number;
  /** Downsampling factor on each axis. Default: 1. */
  readonly down?: number;
}

/** Weight of each of `length` pixels of a line in each result: `[results, length]`. */
function lineWeights(length: number, { taps, padding, gain = 1, up = 1, down = 1 }: FilterOptions): tf.Tensor2D {
  const sum = taps.reduce((total, tap) => total + tap, 0);
  const results = Math.floor((length * up + padding[0] + padding[1] - taps.length) / down) + 1;
  const weights = new Float32Array(results * length);
  for (let result = 0; result < results; result++) {
    for (const [offset, tap] of taps.entries()) {
      const place = (result * down + offset - padding[0]) / up;
      if (!Number.isInteger(place) || place < 0 || place >= length) continue;
      weights[result * length + place] = (tap / sum) * Math.sqrt(gain);
    }
  }
  return tf.tensor2d(weights, [results, length]);
}

/**
 * Separable blur of every channel, with optional upsampling before and downsampling after it: x `[B, H, W, C]` to
 * `[B, (up H + p) / down, (up W + p) / down, C]` with p = padding[0] + padding[1] + 1 - taps, rounded up.
 *
 * Each axis is one product with a constant matrix: this replaces one shifted copy per tap, computes only the results that are kept,
 * and is differentiable to any order.
 *
 * Source: Karras et al. 2020, StyleGAN2, arXiv 1912.04958, appendix B (`upfirdn2d`, symmetric taps).
 */
export function filter(x: tf.Tensor4D, options: FilterOptions): tf.Tensor4D {
  const [, height, width] = x.shape;
  return alongAxes(x, lineWeights(height, options), lineWeights(width, options));
}
