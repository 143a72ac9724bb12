import { type AdversarialLoss, defineComponent } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { weightedMean } from "./weighted-mean.js";

/**
 * Wasserstein loss: D mean D(G(z)) - mean D(x), G -mean D(G(z)). Combine it with a penalty that keeps D Lipschitz.
 *
 * Source: Arjovsky, Chintala and Bottou 2017, arXiv 1701.07875, algorithm 1.
 */
export const wasserstein = defineComponent({
  id: "wasserstein",
  source: "https://arxiv.org/abs/1701.07875",
  defaults: {},
  create: (_settings, _: object): AdversarialLoss => ({
    discriminator: (real, fake) => tf.sub(tf.mean(fake), tf.mean(real)),
    generator: (fake, _real, weights) => tf.neg(weightedMean(fake, weights)),
  }),
});
