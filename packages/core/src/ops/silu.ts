import * as tf from "@tensorflow/tfjs-core";

/**
 * Sigmoid linear unit: y = x * sigmoid(x), any shape.
 *
 * Source: Hendrycks and Gimpel 2016, arXiv 1606.08415, section 2 (also called swish).
 */
export function silu<T extends tf.Tensor>(x: T): T {
  return tf.mul(x, tf.sigmoid(x)) as T;
}
