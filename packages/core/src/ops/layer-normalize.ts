import * as tf from "@tensorflow/tfjs-core";

/**
 * Normalises the last axis: y = (x - mean(x)) / sqrt(var(x) + epsilon), biased variance, no learned scale.
 *
 * Source: Ba, Kiros and Hinton 2016, arXiv 1607.06450, section 3.
 */
export function layerNormalize<T extends tf.Tensor>(x: T, epsilon: number): T {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true);
  return tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))) as T;
}
