import * as tf from "@tensorflow/tfjs-core";

/** Squared Euclidean norm per sample: `[B, ...]` to `[B]`. */
export function squaredNorms(x: tf.Tensor): tf.Tensor1D {
  return tf.sum(tf.square(tf.reshape(x, [x.shape[0] ?? 1, -1])), 1);
}

/** mean_b (|gradient_b| - target)^2; 1e-12 under the root keeps the derivative finite at zero gradients. */
export function normDeviation(gradient: tf.Tensor, target: number): tf.Scalar {
  const norms = tf.sqrt(tf.add(squaredNorms(gradient), 1e-12));
  return tf.mean(tf.square(tf.sub(norms, target)));
}
