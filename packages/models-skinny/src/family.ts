import type { AttentionVariant, ModelFamily, ModelParts } from "@ganymede/core";
import { resolveConfig } from "@ganymede/core/config";
import { createAttentionUnet } from "./attention-unet.js";
import type { DiscriminatorConfig, SkinnyConfig } from "./config.js";
import { checkConfig } from "./config.js";
import { createConvolutionalUnet } from "./convolutional-unet.js";
import { createGenerator } from "./generator.js";
import type { PixelDiscriminator } from "./pixel-discriminator.js";
import { weightNorm } from "./pixel-discriminator.js";
import { presets } from "./presets.js";
import { createSetDiscriminator } from "./set-discriminator.js";

export interface SkinnyOptions {
  /** Attentions that a config may name, besides those of `@ganymede/attention`. */
  readonly attentions?: readonly AttentionVariant[];
}

type Makers = {
  readonly [Kind in DiscriminatorConfig["kind"]]: (
    imageShape: readonly [number, number, number],
    config: Extract<DiscriminatorConfig, { readonly kind: Kind }>,
    parts: ModelParts,
    classes: number,
  ) => unknown;
};

const makers: Makers = {
  "attention-unet": createAttentionUnet,
  "set-queries": createSetDiscriminator,
  "convolutional-unet": (imageShape, config, _, classes) => createConvolutionalUnet(imageShape, config, classes),
};

/** The all-attention GAN: a generator without a convolution, against discriminators with one or without. */
export function skinnyFamily({ attentions = [] }: SkinnyOptions = {}): ModelFamily<SkinnyConfig> {
  return {
    id: "skinny",
    source: "https://github.com/shawwn/tensorfork/issues/31",
    presets,
    configure: (base, overrides) => checkConfig(resolveConfig(base, overrides, "skinny", { names: true })),
    create(config, parts = {}) {
      checkConfig(config);
      const all = { ...parts, attentions: [...(parts.attentions ?? []), ...attentions] };
      const imageShape = [config.imageSize, config.imageSize, config.channels] as const;
      const generator = createGenerator(config, all);
      const make = makers[config.discriminator.kind] as (...given: unknown[]) => PixelDiscriminator;
      const weights = weightNorm(config.discriminator.weightNorm);
      return {
        latentSize: generator.latentSize,
        imageShape,
        ...(config.classes === 0 ? {} : { classes: config.classes }),
        generator,
        styles: generator.styles,
        ...make(imageShape, config.discriminator, all, config.classes),
        ...(weights === undefined ? {} : { discriminatorWeights: weights }),
      };
    },
  };
}
