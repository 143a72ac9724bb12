import { dotProductAttention } from "@ganymede/attention";
import type { AttentionVariant, ModelFamily, SelfAttention } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { resolveConfig } from "@ganymede/core/config";
import type { DiscriminatorConfig, TransganConfig } from "./config.js";
import { checkConfig } from "./config.js";
import { createGenerator } from "./generator.js";
import { createMultiScaleDiscriminator } from "./multi-scale-discriminator.js";
import { presets } from "./presets.js";
import { relativeAttention } from "./relative-attention.js";
import { createSingleScaleDiscriminator } from "./single-scale-discriminator.js";
import { weights } from "./weights.js";

export interface TransganOptions {
  /** Attention variants that a config may name, besides `relative` and `dot-product`. */
  readonly attentions?: readonly AttentionVariant[];
}

const included: readonly AttentionVariant[] = [relativeAttention, dotProductAttention];

function selfAttention(variants: readonly AttentionVariant[], id: string): SelfAttention {
  const selfs = variants.filter((variant) => variant.role === "self");
  const found = selfs.find((variant) => variant.id === id);
  if (found === undefined) {
    const known = [...new Set(selfs.map((variant) => variant.id))].join(", ");
    throw new GanymedeError("invalid-config", `transgan: no self-attention is called "${id}"; known: ${known}`);
  }
  return found;
}

function createDiscriminator(
  imageShape: readonly [number, number, number],
  config: DiscriminatorConfig,
  attention: SelfAttention,
  classes: number,
) {
  return config.kind === "single-scale"
    ? createSingleScaleDiscriminator(imageShape, config, attention, classes)
    : createMultiScaleDiscriminator(imageShape, config, attention, dotProductAttention, classes);
}

/** TransGAN: two networks of transformers, in both versions of the paper. */
export function transganFamily({ attentions = [] }: TransganOptions = {}): ModelFamily<TransganConfig> {
  return {
    id: "transgan",
    source: "https://arxiv.org/abs/2102.07074",
    presets,
    weights,
    configure: (base, overrides) => checkConfig(resolveConfig(base, overrides, "transgan")),
    create(config, parts = {}) {
      const { imageSize, channels, classes, generator, discriminator } = checkConfig(config);
      const variants = [...(parts.attentions ?? []), ...attentions, ...included];
      const imageShape = [imageSize, imageSize, channels] as const;
      const network = createGenerator(config, selfAttention(variants, generator.attention));
      return {
        latentSize: generator.latentSize,
        imageShape,
        ...(classes === 0 ? {} : { classes }),
        generator: network,
        ...(network.superResolution === undefined ? {} : { superResolution: network.superResolution }),
        discriminator: createDiscriminator(
          imageShape,
          discriminator,
          selfAttention(variants, discriminator.attention),
          classes,
        ),
      };
    },
  };
}
