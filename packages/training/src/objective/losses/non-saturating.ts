import { type AdversarialLoss, defineComponent } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { weightedMean } from "./weighted-mean.js";

/**
 * Non-saturating logistic loss: D mean softplus(-D(x)) + mean softplus(D(G(z))), G mean softplus(-D(G(z))).
 *
 * Source: Goodfellow et al. 2014, arXiv 1406.2661, section 3.
 */
export const nonSaturating = defineComponent({
  id: "non-saturating",
  source: "https://arxiv.org/abs/1406.2661",
  defaults: {},
  create: (_settings, _: object): AdversarialLoss => ({
    discriminator: (real, fake) => tf.add(tf.mean(tf.softplus(tf.neg(real))), tf.mean(tf.softplus(fake))),
    generator: (fake, _real, weights) => weightedMean(tf.softplus(tf.neg(fake)), weights),
  }),
});
