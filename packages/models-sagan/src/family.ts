import { plainSaganAttention, saganAttention } from "@ganymede/attention";
import type { AttentionVariant, ModelFamily } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { resolveConfig } from "@ganymede/core/config";
import type { SaganConfig } from "./config.js";
import { checkConfig } from "./config.js";
import { createDiscriminator } from "./discriminator.js";
import { createGenerator } from "./generator.js";
import { presets } from "./presets.js";
import { residualStep } from "./residual-step.js";
import { attentionPlaces, discriminatorSides, generatorSides } from "./sides.js";
import { weightNorm } from "./weight-norm.js";
import { weights } from "./weights.js";

export interface SaganOptions {
  /** Attention variants that a config may name, besides SAGAN's two of `@ganymede/attention`. */
  readonly attentions?: readonly AttentionVariant[];
}

const included: readonly AttentionVariant[] = [saganAttention, plainSaganAttention, residualStep];

function find(variants: readonly AttentionVariant[], id: string): AttentionVariant {
  const fitting = variants.filter(({ role }) => role === "map" || role === "self");
  const found = fitting.find((variant) => variant.id === id);
  if (found === undefined) {
    const known = [...new Set(fitting.map((variant) => variant.id))].join(", ");
    throw new GanymedeError(
      "invalid-config",
      `sagan: no attention over maps or tokens is called "${id}"; known: ${known}`,
    );
  }
  return found;
}

/** SAGAN: residual convolutional networks with self-attention, spectral normalisation in both, by class or without. */
export function saganFamily({ attentions = [] }: SaganOptions = {}): ModelFamily<SaganConfig> {
  return {
    id: "sagan",
    source: "https://arxiv.org/abs/1805.08318",
    presets,
    weights,
    configure: (base, overrides) => checkConfig(resolveConfig(base, overrides, "sagan")),
    create(config, parts = {}) {
      const { imageSize, channels, classes, generator, discriminator } = checkConfig(config);
      const variants = [...(parts.attentions ?? []), ...attentions, ...included];
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
        generator: createGenerator(config, find(variants, generator.attention), generatorPlaces),
        discriminator: createDiscriminator(config, find(variants, discriminator.attention), discriminatorPlaces),
        ...(generatorWeights === undefined ? {} : { generatorWeights }),
        ...(discriminatorWeights === undefined ? {} : { discriminatorWeights }),
      };
    },
  };
}
