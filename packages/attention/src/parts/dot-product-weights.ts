import * as tf from "@tensorflow/tfjs-core";

/**
 * softmax(q k^T / sqrt(D) + bias): queries [B, H, N, D] and keys [B, H, M, D] -> [B, H, N, M]. The bias, a mask or a term for
 * positions, broadcasts to the logits.
 */
export function dotProductWeights(queries: tf.Tensor4D, keys: tf.Tensor4D, bias?: tf.Tensor): tf.Tensor4D {
  const scale = 1 / Math.sqrt(queries.shape[3]);
  const logits: tf.Tensor4D = tf.matMul(tf.mul(queries, scale), keys, false, true);
  return tf.softmax(bias === undefined ? logits : tf.add(logits, bias));
}
