import type { Component, DiscriminatorTerm, GeneratorTerm, Key, Latents, TermInputs } from "@ganymede/core";
import { defineComponent, fold, normal } from "@ganymede/core";
import { real, record, whole } from "@ganymede/core/config";
import * as tf from "@tensorflow/tfjs-core";

export interface LatentConsistencySettings {
  /** Standard deviation of the noise added to z. */
  readonly noise: number;
  readonly weight: number;
  readonly every: number;
}

const amount = real({ least: 0 });
const settings = record({ noise: amount, weight: amount, every: whole(1) });
const source = "https://arxiv.org/abs/2002.04724";

/** Latents with noise: z + deviation * N(0, I). */
function nearby({ z, ...rest }: Latents, key: Key, deviation: number): Latents {
  return { ...rest, z: tf.add(z, tf.mul(normal<tf.Rank.R2>(fold(key, "nearby"), z.shape), deviation)) };
}

const onDiscriminator: Component<LatentConsistencySettings, TermInputs, DiscriminatorTerm> = {
  id: "latent-consistency",
  source,
  defaults: { noise: 0.07, weight: 5, every: 1 },
  settings,
  create: ({ noise, weight, every }) => ({
    every,
    needs: [],
    apply({ logits, judge, generate, latents, fake, key }) {
      const images = generate(nearby(latents, key, noise), key);
      const near = judge({ ...fake, images, draw: "near" });
      return { value: tf.mul(tf.mean(tf.square(tf.sub(logits().fake, near))), weight) };
    },
  }),
};

/**
 * Latent consistency regularisation (zCR) of the discriminator: weight * mean (D(G(z)) - D(G(z + noise)))^2.
 *
 * Source: Zhao et al. 2021, arXiv 2002.04724, algorithm 2.
 */
export const latentConsistency = defineComponent(onDiscriminator);

const onGenerator: Component<LatentConsistencySettings, TermInputs, GeneratorTerm> = {
  id: "latent-consistency",
  source,
  defaults: { noise: 0.07, weight: 0.5, every: 1 },
  settings,
  create: ({ noise, weight, every }) => ({
    every,
    needs: [],
    apply({ generate, latents, fake, key }) {
      const moved = generate(nearby(latents, key, noise), key);
      return { value: tf.mul(tf.mean(tf.square(tf.sub(fake.images, moved))), -weight) };
    },
  }),
};

/**
 * Latent consistency regularisation (zCR) of the generator, which rewards images that change with the noise:
 * -weight * mean (G(z) - G(z + noise))^2.
 *
 * Source: Zhao et al. 2021, arXiv 2002.04724, algorithm 2.
 */
export const latentDiversity = defineComponent(onGenerator);
