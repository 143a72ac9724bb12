import * as tf from "@tensorflow/tfjs-core";

/** sum(w x) / sum(w) with w broadcast to x; the plain mean without weights. */
export function weightedMean(values: tf.Tensor, weights?: tf.Tensor): tf.Scalar {
  if (weights === undefined) return tf.mean(values);
  const spread = tf.broadcastTo(weights, values.shape);
  return tf.div(tf.sum(tf.mul(values, spread)), tf.sum(spread));
}
