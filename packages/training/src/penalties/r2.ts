import type { Penalty } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import type { R1Options } from "./r1.js";
import { squaredNorms } from "./r1.js";

/**
 * R2: gamma / 2 * mean_b |d D(G(z_b)) / d G(z_b)|^2, R1 at the generated images.
 *
 * Source: Mescheder, Geiger and Nowozin 2018, arXiv 1801.04406, equation 10.
 */
export function r2({ gamma, every = 1 }: R1Options): Penalty {
  return {
    id: "r2",
    source: "https://arxiv.org/abs/1801.04406",
    every,
    apply: ({ fakeGradient }) => tf.mul(tf.mean(squaredNorms(fakeGradient())), (gamma / 2) * every),
  };
}
