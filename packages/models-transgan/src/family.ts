import { dotProduct, resolveMixer } from "@ganymede/attention";
import type { AttentionVariant, MixerPart, ModelFamily, Ref } from "@ganymede/core";
import { resolveConfig } from "@ganymede/core/config";
import type { DiscriminatorConfig, TransganConfig } from "./config.js";
import { checkConfig } from "./config.js";
import { createGenerator } from "./generator.js";
import { createMultiScaleDiscriminator } from "./multi-scale-discriminator.js";
import { presets } from "./presets.js";
import { createSingleScaleDiscriminator } from "./single-scale-discriminator.js";
import { weights } from "./weights.js";

export interface TransganOptions {
  /** Attention variants that a config may name, besides those of `@ganymede/attention`. */
  readonly attentions?: readonly AttentionVariant[];
}

function createDiscriminator(
  imageShape: readonly [number, number, number],
  config: DiscriminatorConfig,
  attention: MixerPart,
  classes: number,
) {
  return config.kind === "single-scale"
    ? createSingleScaleDiscriminator(imageShape, config, attention, classes)
    : createMultiScaleDiscriminator(imageShape, config, attention, dotProduct(), classes);
}

/** TransGAN: two networks of transformers, in both versions of the paper. */
export function transganFamily({ attentions = [] }: TransganOptions = {}): ModelFamily<TransganConfig> {
  return {
    id: "transgan",
    source: "https://arxiv.org/abs/2102.07074",
    presets,
    weights,
    configure: (base, overrides) => checkConfig(resolveConfig(base, overrides, "transgan", { names: true })),
    create(config, parts = {}) {
      const { imageSize, channels, classes, generator, discriminator } = checkConfig(config);
      const all = { ...parts, attentions: [...(parts.attentions ?? []), ...attentions] };
      const find = (ref: Ref, where: string) => resolveMixer(ref, all, `transgan: ${where}`);
      const imageShape = [imageSize, imageSize, channels] as const;
      const network = createGenerator(config, find(generator.attention, "generator.attention"));
      return {
        latentSize: generator.latentSize,
        imageShape,
        ...(classes === 0 ? {} : { classes }),
        generator: network,
        ...(network.superResolution === undefined ? {} : { superResolution: network.superResolution }),
        discriminator: createDiscriminator(
          imageShape,
          discriminator,
          find(discriminator.attention, "discriminator.attention"),
          classes,
        ),
      };
    },
  };
}
