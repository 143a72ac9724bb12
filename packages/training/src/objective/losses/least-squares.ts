import { type AdversarialLoss, defineComponent } from "@ganymede/core";
import { real, record } from "@ganymede/core/config";
import * as tf from "@tensorflow/tfjs-core";
import { weightedMean } from "./weighted-mean.js";

/**
 * Least-squares loss: D mean (D(x) - real)^2 + mean (D(G(z)) - fake)^2, G mean (D(G(z)) - target)^2.
 *
 * Source: Mao et al. 2017, arXiv 1611.04076, equation 9, without the factors of 1/2.
 */
export const leastSquares = defineComponent({
  id: "least-squares",
  source: "https://arxiv.org/abs/1611.04076",
  defaults: { real: 1, fake: 0, target: 1 },
  settings: record({ real: real(), fake: real(), target: real() }),
  create: (wanted, _: object): AdversarialLoss => ({
    discriminator: (up, down) =>
      tf.add(tf.mean(tf.square(tf.sub(up, wanted.real))), tf.mean(tf.square(tf.sub(down, wanted.fake)))),
    generator: (fake, _real, weights) => weightedMean(tf.square(tf.sub(fake, wanted.target)), weights),
  }),
});
