import * as tf from "@tensorflow/tfjs-core";

/** f(q) (f(k)^T v) / (f(q) sum f(k)): features [B, H, N, m] and [B, H, M, m], values [B, H, M, D] -> [B, H, N, D]. */
export function linearProduct(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D): tf.Tensor4D {
  const sums = tf.sum(k, 2, true); // [B, H, 1, m]
  const norms = tf.matMul(q, sums, false, true); // [B, H, N, 1]
  return tf.div(tf.matMul(q, tf.matMul(k, v, true, false)), norms);
}

/** The weights that `linearProduct` never makes: f(q) f(k)^T / (f(q) sum f(k)), [B, H, N, M]. */
export function linearWeights(q: tf.Tensor4D, k: tf.Tensor4D): tf.Tensor4D {
  const products = tf.matMul(q, k, false, true);
  return tf.div(products, tf.sum(products, 3, true));
}
