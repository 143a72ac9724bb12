import * as tf from "@tensorflow/tfjs-core";

/**
 * Leaky ReLU with slope 0.2, times sqrt(2) to keep the variance; any shape.
 *
 * Source: Karras et al. 2020, StyleGAN2, arXiv 1912.04958, appendix B.
 */
export function scaledLeakyRelu<T extends tf.Tensor>(x: T): T {
  return tf.mul(tf.leakyRelu(x, 0.2), Math.SQRT2) as T;
}
