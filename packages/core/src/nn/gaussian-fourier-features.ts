import * as tf from "@tensorflow/tfjs-core";
import { GanymedeError } from "../errors/ganymede-error.js";
import { fillDraw } from "../random/draw.js";
import { key } from "../random/key.js";
import { linearMap } from "./linear-map.js";

/** Width, scale and seed of `gaussianFourierFeatures`. */
export interface GaussianFourierOptions {
  /** Number of features, half sines and half cosines; even. */
  readonly width: number;
  /** Standard deviation of the frequencies, in cycles per unit of position. Default: 10. */
  readonly scale?: number;
  /** Seed of the frequencies. Default: 0. */
  readonly seed?: number;
}

/**
 * Fixed random Fourier features of positions: [cos(2 pi p B), sin(2 pi p B)], p `[N, d]` to `[N, width]`, B `[d, width / 2]` Gaussian,
 * determined by the seed. A larger scale lets a network on top learn finer detail.
 *
 * Source: Tancik et al. 2020, arXiv 2006.10739, section 4.
 */
export function gaussianFourierFeatures(
  positions: tf.Tensor2D,
  { width, scale = 10, seed = 0 }: GaussianFourierOptions,
): tf.Tensor2D {
  if (!(Number.isInteger(width / 2) && width > 0)) {
    throw new GanymedeError(
      "invalid-argument",
      `gaussianFourierFeatures: width must be even and positive, got ${width}`,
    );
  }
  const axes = positions.shape[1];
  const values = new Float32Array((axes * width) / 2);
  fillDraw(values, { kind: "normal", mean: 0, deviation: 2 * Math.PI * scale }, key(seed));
  const angles = linearMap(positions, tf.tensor2d(values, [axes, width / 2]));
  return tf.concat([tf.cos(angles), tf.sin(angles)], 1) as tf.Tensor2D;
}
