import type { Context } from "@ganymede/core";
import { fold, key, normal } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

export type NoiseParams = {
  readonly strength: tf.Scalar;
  /** Noise `[H, W]` for sampling that came with weights from elsewhere. */
  readonly statistics?: { readonly constant: tf.Tensor2D };
};

/**
 * x + strength * n, one n ~ N(0, 1) for all channels of a pixel: new for every image in training; always the same when sampling, a
 * function of the map's side and the layer's name. x `[B, H, W, C]`.
 *
 * Source: Karras et al. 2019, StyleGAN, arXiv 1812.04948, section 2.
 */
export function addNoise(
  x: tf.Tensor4D,
  { strength, statistics }: NoiseParams,
  layer: string,
  context: Context,
): tf.Tensor4D {
  const [batch, height, width] = x.shape;
  const constant = () =>
    statistics === undefined
      ? normal<tf.Rank.R4>(fold(key(height), layer), [1, height, width, 1])
      : tf.reshape(statistics.constant, [1, height, width, 1]);
  const drawn =
    context.mode === "training"
      ? normal<tf.Rank.R4>(fold(context.key, "noise"), [batch, height, width, 1])
      : constant();
  return tf.add(x, tf.mul(drawn, strength));
}
