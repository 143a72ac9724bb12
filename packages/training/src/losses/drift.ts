import * as tf from "@tensorflow/tfjs-core";

/**
 * Keeps the critic's level near zero: weight * (mean D(x))^2.
 *
 * Source: TransGAN's release (arXiv 2102.07074); ProGAN (arXiv 1710.10196, appendix A.1) takes the mean of the squares instead.
 */
export function drift(real: tf.Tensor1D, weight: number): tf.Scalar {
  return tf.mul(tf.square(tf.mean(real)), weight);
}
