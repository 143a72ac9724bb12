import * as tf from "@tensorflow/tfjs-core";

/** Scales the last axis to unit L2 norm: y = x / sqrt(sum(x^2) + epsilon). Any shape. */
export function unitNorm<T extends tf.Tensor>(x: T, epsilon = 1e-12): T {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), -1, true), epsilon))) as T;
}
