import * as tf from "@tensorflow/tfjs-core";

/** Vectors u and v of a power iteration on a weight reshaped to a matrix `[rest, outputs]`: the last axis against the others. */
export type SingularVectors = {
  /** `[outputs]`. */
  readonly u: tf.Tensor1D;
  /** `[rest]`, the other axes row-major. */
  readonly v: tf.Tensor1D;
};

/** Reshapes a weight of any rank above 1 to a matrix `[rest, outputs]`. */
export function asMatrix(weight: tf.Tensor): tf.Tensor2D {
  return tf.reshape(weight, [-1, weight.shape[weight.rank - 1] as number]);
}

function unit(x: tf.Tensor, epsilon: number, floor: number): tf.Tensor1D {
  const norm = tf.add(tf.sqrt(tf.sum(tf.square(x))), epsilon);
  return tf.reshape(tf.div(x, floor === 0 ? norm : tf.maximum(norm, floor)), [-1]);
}

/**
 * One power iteration: v = M u / max(|M u| + epsilon, floor), then u = M^T v / max(|M^T v| + epsilon, floor).
 *
 * @param floor lower bound of the norms. PyTorch's `spectral_norm` has its epsilon here and 0 for the other. Default: 0.
 */
export function powerIteration(weight: tf.Tensor, u: tf.Tensor1D, epsilon: number, floor = 0): SingularVectors {
  const matrix = asMatrix(weight);
  const v = unit(tf.matMul(matrix, tf.reshape(u, [-1, 1]) as tf.Tensor2D), epsilon, floor);
  const next = unit(tf.matMul(tf.reshape(v, [1, -1]) as tf.Tensor2D, matrix), epsilon, floor);
  return { u: next, v };
}

/** Estimate of the largest singular value: sigma = v^T M u. */
export function spectralNormOf(weight: tf.Tensor, { u, v }: SingularVectors): tf.Scalar {
  const image = tf.matMul(tf.reshape(v, [1, -1]) as tf.Tensor2D, asMatrix(weight));
  return tf.sum(tf.mul(tf.reshape(image, [-1]), u));
}
