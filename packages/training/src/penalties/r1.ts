import type { Penalty } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

export interface R1Options {
  /** Weight: the coefficient of the mean squared gradient norm is gamma / 2. */
  readonly gamma: number;
  /** Steps between two applications; the penalty is multiplied by it. 1 where left out. */
  readonly every?: number;
}

/** Squared Euclidean norm per sample: `[B, ...]` to `[B]`. */
export function squaredNorms(x: tf.Tensor): tf.Tensor1D {
  return tf.sum(tf.square(tf.reshape(x, [x.shape[0] ?? 1, -1])), 1);
}

/**
 * R1: gamma / 2 * mean_b |d D(x_b) / d x_b|^2 over real images.
 *
 * Source: Mescheder, Geiger and Nowozin 2018, arXiv 1801.04406, equation 9; lazy form of StyleGAN2, arXiv 1912.04958, section 3.1.
 */
export function r1({ gamma, every = 1 }: R1Options): Penalty {
  return {
    id: "r1",
    source: "https://arxiv.org/abs/1801.04406",
    every,
    apply: ({ realGradient }) => tf.mul(tf.mean(squaredNorms(realGradient())), (gamma / 2) * every),
  };
}
