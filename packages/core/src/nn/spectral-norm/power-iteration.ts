import * as tf from "@tensorflow/tfjs-core";

/** The two vectors of a power iteration on a weight seen as a matrix `[rest, outputs]`: the last axis against the others. */
export type SingularVectors = {
  /** `[outputs]`. */
  readonly u: tf.Tensor1D;
  /** `[rest]`, the other axes row-major. */
  readonly v: tf.Tensor1D;
};

/** A weight of any rank above 1 as a matrix `[rest, outputs]`. */
export function asMatrix(weight: tf.Tensor): tf.Tensor2D {
  return tf.reshape(weight, [-1, weight.shape[weight.rank - 1] as number]);
}

function unit(x: tf.Tensor, epsilon: number): tf.Tensor1D {
  return tf.reshape(tf.div(x, tf.add(tf.sqrt(tf.sum(tf.square(x))), epsilon)), [-1]);
}

/** One power iteration: v = M u / (|M u| + epsilon), then u = M^T v / (|M^T v| + epsilon). */
export function powerIteration(weight: tf.Tensor, u: tf.Tensor1D, epsilon: number): SingularVectors {
  const matrix = asMatrix(weight);
  const v = unit(tf.matMul(matrix, tf.reshape(u, [-1, 1]) as tf.Tensor2D), epsilon);
  const next = unit(tf.matMul(tf.reshape(v, [1, -1]) as tf.Tensor2D, matrix), epsilon);
  return { u: next, v };
}

/** Estimate of the largest singular value: sigma = v^T M u. */
export function spectralNormOf(weight: tf.Tensor, { u, v }: SingularVectors): tf.Scalar {
  const image = tf.matMul(tf.reshape(v, [1, -1]) as tf.Tensor2D, asMatrix(weight));
  return tf.sum(tf.mul(tf.reshape(image, [-1]), u));
}
