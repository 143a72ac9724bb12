import { resolveMixer } from "@ganymede/attention";
import type { AttentionVariant, ModelFamily, Ref } from "@ganymede/core";
import { resolveConfig } from "@ganymede/core/config";
import type { SaganConfig } from "./config.js";
import { checkConfig } from "./config.js";
import { createDiscriminator } from "./discriminator.js";
import { createGenerator } from "./generator.js";
import { presets } from "./presets.js";
import { attentionPlaces, discriminatorSides, generatorSides } from "./sides.js";
import { weightNorm } from "./weight-norm.js";
import { weights } from "./weights.js";

export interface SaganOptions {
  /** Attention variants that a config may name, besides those of `@ganymede/attention`. */
  readonly attentions?: readonly AttentionVariant[];
}

/** SAGAN: residual convolutional networks with self-attention, spectral normalisation in both, by class or without. */
export function saganFamily({ attentions = [] }: SaganOptions = {}): ModelFamily<SaganConfig> {
  return {
    id: "sagan",
    source: "https://arxiv.org/abs/1805.08318",
    presets,
    weights,
    configure: (base, overrides) => checkConfig(resolveConfig(base, overrides, "sagan", { names: true })),
    create(config, parts = {}) {
      const { imageSize, channels, classes, generator, discriminator } = checkConfig(config);
      const all = { ...parts, attentions: [...(parts.attentions ?? []), ...attentions] };
      const find = (ref: Ref, where: string) => resolveMixer(ref, all, `sagan: ${where}`);
      const generatorPlaces = attentionPlaces(generatorSides(generator), generator.attentionAt);
      const discriminatorPlaces = attentionPlaces(
        discriminatorSides(discriminator, imageSize),
        discriminator.attentionAt,
      );
      const generatorWeights = weightNorm(generator.weightNorm, generator.norm.tables);
      const discriminatorWeights = weightNorm(discriminator.weightNorm);
      return {
        latentSize: generator.latentSize,
        imageShape: [imageSize, imageSize, channels],
        ...(classes === 0 ? {} : { classes }),
        generator: createGenerator(config, find(generator.attention, "generator.attention"), generatorPlaces),
        discriminator: createDiscriminator(
          config,
          find(discriminator.attention, "discriminator.attention"),
          discriminatorPlaces,
        ),
        ...(generatorWeights === undefined ? {} : { generatorWeights }),
        ...(discriminatorWeights === undefined ? {} : { discriminatorWeights }),
      };
    },
  };
}
