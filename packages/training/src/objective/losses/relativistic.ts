import { type AdversarialLoss, defineComponent, GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { weightedMean } from "./weighted-mean.js";

function expectReal(who: string, real: tf.Tensor | undefined): tf.Tensor {
  if (real === undefined)
    throw new GanymedeError(
      "invalid-argument",
      `${who}: the generator's loss needs the logits of real images, got none; pass them as the second argument`,
    );
  return real;
}

/** mean softplus(down - up). */
const below = (up: tf.Tensor, down: tf.Tensor, weights?: tf.Tensor): tf.Scalar =>
  weightedMean(tf.softplus(tf.sub(down, up)), weights);

/**
 * Relativistic pairing loss: D mean softplus(D(G(z)) - D(x)), G mean softplus(D(x) - D(G(z))), over pairs of the batch.
 *
 * Source: Jolicoeur-Martineau 2018, arXiv 1807.00734, section 4.1 (RSGAN).
 */
export const relativistic = defineComponent({
  id: "relativistic",
  source: "https://arxiv.org/abs/1807.00734",
  defaults: {},
  create: (_settings, _: object): AdversarialLoss => ({
    generatorSeesReal: true,
    discriminator: (real, fake) => below(real, fake),
    generator: (fake, real, weights) => below(fake, expectReal("relativistic", real), weights),
  }),
});

/**
 * Relativistic average loss: D mean softplus(-(D(x) - mean D(G(z)))) + mean softplus(D(G(z)) - mean D(x)), G with real and fake swapped.
 *
 * Source: Jolicoeur-Martineau 2018, arXiv 1807.00734, section 4.2 (RaSGAN), as the sum of its two halves.
 */
export const relativisticAverage = defineComponent({
  id: "relativistic-average",
  source: "https://arxiv.org/abs/1807.00734",
  defaults: {},
  create: (_settings, _: object): AdversarialLoss => ({
    generatorSeesReal: true,
    discriminator: (real, fake) => tf.add(below(real, tf.mean(fake)), below(tf.mean(real), fake)),
    generator: (fake, real, weights) => {
      const against = expectReal("relativistic-average", real);
      return tf.add(below(fake, tf.mean(against), weights), below(weightedMean(fake, weights), against));
    },
  }),
});
