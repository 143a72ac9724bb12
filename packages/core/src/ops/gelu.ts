import * as tf from "@tensorflow/tfjs-core";

/**
 * Gaussian error linear unit, exact form: y = x * (1 + erf(x / sqrt(2))) / 2, any shape.
 *
 * Source: Hendrycks and Gimpel 2016, arXiv 1606.08415, section 2.
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)) as T;
}
