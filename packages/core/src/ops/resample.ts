import * as tf from "@tensorflow/tfjs-core";
import { filter } from "./filter.js";

/**
 * Upsamples a map by 2: inserts zeros between the pixels, then blurs. x `[B, H, W, C]` to
 * `[B, 2 H, 2 W, C]`.
 *
 * @param taps taps of the blur, an even number; StyleGAN2 uses `[1, 3, 3, 1]`.
 * Source: Karras et al. 2020, StyleGAN2, arXiv 1912.04958, appendix B.
 */
export function blurUp(x: tf.Tensor4D, taps: readonly number[]): tf.Tensor4D {
  const half = taps.length / 2;
  return filter(x, { taps, padding: [half, half - 1], gain: 4, up: 2 });
}

/**
 * A convolution with odd kernel size k that upsamples by 2: transposed with stride 2, then a blur. x `[B, H, W, inputs]` to
 * `[B, 2 H, 2 W, outputs]`, weight `[k, k, inputs, outputs]`: t[2 y + i, 2 x + j] += x[y, x] weight[i, j].
 *
 * Source: see `blurUp`.
 */
export function convolveUp(x: tf.Tensor4D, weight: tf.Tensor4D, taps: readonly number[]): tf.Tensor4D {
  const [kernel, , , outputs] = weight.shape;
  const [batch, height, width] = x.shape;
  const turned = tf.transpose(weight, [0, 1, 3, 2]) as tf.Tensor4D;
  const sides = [2 * height + kernel - 2, 2 * width + kernel - 2] as const;
  const spread = tf.conv2dTranspose(x, turned, [batch, ...sides, outputs], 2, "valid");
  const margin = (taps.length - kernel + 1) / 2;
  return filter(spread, { taps, padding: [margin, margin], gain: 4 });
}

/**
 * The blur before a convolution with kernel size `kernel`, stride 2 and no padding; pads so that the convolution gives exactly half the
 * size. x `[B, H, W, C]`.
 *
 * Source: see `blurUp`.
 */
export function blurForHalving(x: tf.Tensor4D, taps: readonly number[], kernel: number): tf.Tensor4D {
  const zeros = taps.length - 2 + kernel - 1;
  return filter(x, { taps, padding: [Math.ceil(zeros / 2), Math.floor(zeros / 2)] });
}

/**
 * Downsamples a map by 2: a blur, then every second pixel. x `[B, H, W, C]` to `[B, H / 2, W / 2, C]`.
 *
 * Source: see `blurUp`.
 */
export function blurDown(x: tf.Tensor4D, taps: readonly number[]): tf.Tensor4D {
  const half = taps.length / 2 - 1;
  return filter(x, { taps, padding: [half, half], down: 2 });
}
