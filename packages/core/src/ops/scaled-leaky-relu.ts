import * as tf from "@tensorflow/tfjs-core";

/**
 * Leaky ReLU of slope 0.2 times sqrt(2), which keeps the variance of its input; any shape.
 *
 * Source: Karras et al. 2020, StyleGAN2, arXiv 1912.04958, appendix B.
 */
export function scaledLeakyRelu<T extends tf.Tensor>(x: T): T {
  return tf.mul(tf.leakyRelu(x, 0.2), Math.SQRT2) as T;
}
