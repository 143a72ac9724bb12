import * as tf from "@tensorflow/tfjs-core";

/**
 * Scales the last axis to mean square 1: y = x / sqrt(mean(x^2) + epsilon). Any shape.
 *
 * Source: Karras et al. 2018, progressive GAN, arXiv 1710.10196, section 4.2.
 */
export function pixelNorm<T extends tf.Tensor>(x: T, epsilon = 1e-8): T {
  return tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon))) as T;
}
