import * as tf from "@tensorflow/tfjs-core";

/**
 * softmax_j(-|q_i - q_j|^2 / sqrt(D)): q [B, H, N, D] -> [B, H, N, N]. The term |q_i|^2 is the same for all j, so it cancels and
 * 2 q_i.q_j - |q_j|^2 remains.
 */
export function l2Weights(q: tf.Tensor4D): tf.Tensor4D {
  const [batch, heads, tokens, width] = q.shape;
  const scale = 1 / Math.sqrt(width);
  const products = tf.matMul(tf.mul(q, 2 * scale), q, false, true); // [B, H, N, N]
  const lengths = tf.mul(tf.sum(tf.square(q), 3), scale); // [B, H, N]
  return tf.softmax<tf.Tensor4D>(tf.sub(products, tf.reshape(lengths, [batch, heads, 1, tokens])));
}
