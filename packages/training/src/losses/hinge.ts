import type { AdversarialLoss } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

/**
 * Hinge loss: D mean relu(1 - D(x)) + mean relu(1 + D(G(z))), G -mean D(G(z)).
 *
 * Source: Lim and Ye 2017, arXiv 1705.02894; SAGAN, arXiv 1805.08318, equation 4.
 */
export const hinge: AdversarialLoss = {
  id: "hinge",
  source: "https://arxiv.org/abs/1705.02894",
  discriminator: (real, fake) => tf.add(tf.mean(tf.relu(tf.sub(1, real))), tf.mean(tf.relu(tf.add(1, fake)))),
  generator: (fake) => tf.neg(tf.mean(fake)),
};
