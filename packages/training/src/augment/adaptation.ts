import * as tf from "@tensorflow/tfjs-core";

export interface AdaptationConfig {
  /** Target for the mean sign of D on real images. */
  readonly target: number;
  /** Images over which the strength can rise from 0 to 1. */
  readonly images: number;
  /** Discriminator updates between two adjustments. */
  readonly every: number;
}

/** State of the controller of an adaptive augmentation. */
export type AdaptationState = {
  /** Probability of each operation, in [0, 1]. */
  readonly strength: tf.Scalar;
  /** Sum of the mean signs since the last adjustment. */
  readonly signs: tf.Scalar;
  /** Updates since the last adjustment. */
  readonly updates: tf.Scalar;
};

export function startAdaptation(): AdaptationState {
  return { strength: tf.scalar(0), signs: tf.scalar(0), updates: tf.scalar(0) };
}

/**
 * State after one update. Every `every` updates, with r the mean of sign D(x) over them,
 * strength = clip(strength + sign(r - target) * every * imagesPerUpdate / images, 0, 1).
 *
 * Source: Karras et al. 2020, StyleGAN2-ADA, arXiv 2006.06676, section 3.1; the authors' code does not clip at 1, which has the same effect
 * because probabilities saturate there.
 * @param meanSign mean of sign D(x) over the real images of this update, in [-1, 1].
 */
export function adapt(
  state: AdaptationState,
  meanSign: tf.Scalar,
  { target, images, every }: AdaptationConfig,
  imagesPerUpdate: number,
): AdaptationState {
  const signs = tf.add(state.signs, meanSign);
  const updates = tf.add(state.updates, 1);
  const due = tf.cast(tf.greaterEqual(updates, every), "float32");
  const direction = tf.sign(tf.sub(tf.div(signs, every), target));
  const change = tf.mul(tf.mul(direction, due), (every * imagesPerUpdate) / images);
  const kept = tf.sub(1, due);
  return {
    strength: tf.clipByValue(tf.add(state.strength, change), 0, 1) as tf.Scalar,
    signs: tf.mul(signs, kept) as tf.Scalar,
    updates: tf.mul(updates, kept) as tf.Scalar,
  };
}
