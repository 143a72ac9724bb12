import * as tf from "@tensorflow/tfjs-core";

export interface FilterOptions {
  /** Taps of the separable kernel; they are divided by their sum. `[1, 3, 3, 1]` is StyleGAN's. */
  readonly taps: readonly number[];
  /** Zeros before and after, on both axes. */
  readonly padding: readonly [number, number];
  /** Factor on the result. */
  readonly gain?: number;
}

/** Weighted sum of shifted copies along one axis of an image that is padded already. */
function filterAxis(x: tf.Tensor4D, axis: 1 | 2, weights: readonly number[]): tf.Tensor4D {
  const length = x.shape[axis] - weights.length + 1;
  const size = [...x.shape] as [number, number, number, number];
  size[axis] = length;
  const terms = weights.map((weight, offset) => {
    const begin: [number, number, number, number] = [0, 0, 0, 0];
    begin[axis] = offset;
    return tf.mul(tf.slice4d(x, begin, size), weight);
  });
  return terms.reduce((sum, term) => tf.add(sum, term)) as tf.Tensor4D;
}

/**
 * Separable blur, the same for every channel: x `[B, H, W, C]` to `[B, H + p, W + p, C]` with p = padding[0] + padding[1] + 1 -
 * taps. Written with shifted copies instead of a depthwise convolution, so that it can be differentiated any number of times.
 *
 * Source: Karras et al. 2020, StyleGAN2, arXiv 1912.04958, appendix B (`upfirdn2d` without resampling, symmetric taps).
 */
export function filter(x: tf.Tensor4D, { taps, padding, gain = 1 }: FilterOptions): tf.Tensor4D {
  const sum = taps.reduce((total, tap) => total + tap, 0);
  const weights = taps.map((tap) => (tap / sum) * Math.sqrt(gain));
  const pads: [number, number] = [padding[0], padding[1]];
  const padded = tf.pad4d(x, [[0, 0], pads, pads, [0, 0]]);
  return filterAxis(filterAxis(padded, 1, weights), 2, weights);
}
