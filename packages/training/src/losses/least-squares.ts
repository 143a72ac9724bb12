import type { AdversarialLoss } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

/**
 * Least-squares loss: D mean (D(x) - 1)^2 + mean D(G(z))^2, G mean (D(G(z)) - 1)^2.
 *
 * Source: Mao et al. 2017, arXiv 1611.04076, equation 9, without its factors of a half.
 */
export const leastSquares: AdversarialLoss = {
  id: "least-squares",
  source: "https://arxiv.org/abs/1611.04076",
  discriminator: (real, fake) => tf.add(tf.mean(tf.square(tf.sub(real, 1))), tf.mean(tf.square(fake))),
  generator: (fake) => tf.mean(tf.square(tf.sub(fake, 1))),
};
