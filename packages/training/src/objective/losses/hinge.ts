import { type AdversarialLoss, defineComponent } from "@ganymede/core";
import { real, record } from "@ganymede/core/config";
import * as tf from "@tensorflow/tfjs-core";
import { weightedMean } from "./weighted-mean.js";

/**
 * Hinge loss: D mean relu(m - D(x)) + mean relu(m + D(G(z))), G -mean D(G(z)), with the margin m.
 *
 * Source: Lim and Ye 2017, arXiv 1705.02894; SAGAN, arXiv 1805.08318, equation 4.
 */
export const hinge = defineComponent({
  id: "hinge",
  source: "https://arxiv.org/abs/1705.02894",
  defaults: { margin: 1 },
  settings: record({ margin: real({ above: 0 }) }),
  create: ({ margin }, _: object): AdversarialLoss => ({
    discriminator: (up, down) => tf.add(tf.mean(tf.relu(tf.sub(margin, up))), tf.mean(tf.relu(tf.add(margin, down)))),
    generator: (fake, _real, weights) => tf.neg(weightedMean(fake, weights)),
  }),
});
