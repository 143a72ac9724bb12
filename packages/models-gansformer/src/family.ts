import type { AttentionVariant, ModelFamily } from "@ganymede/core";
import { resolveConfig } from "@ganymede/core/config";
import type { GansformerConfig } from "./config.js";
import { checkConfig } from "./config.js";
import { createDiscriminator } from "./discriminator.js";
import { createGenerator } from "./generator.js";
import { presets } from "./presets.js";
import { weights } from "./weights.js";

export interface GansformerOptions {
  /** Cross-attentions that a config may name, besides `simplex` and `duplex`. */
  readonly attentions?: readonly AttentionVariant[];
}

/** GANsformer: StyleGAN2 whose image attends to the latents of a few components; without them it is StyleGAN2. */
export function gansformerFamily({ attentions = [] }: GansformerOptions = {}): ModelFamily<GansformerConfig> {
  return {
    id: "gansformer",
    source: "https://arxiv.org/abs/2103.01209",
    presets,
    weights,
    configure: (base, overrides) => checkConfig(resolveConfig(base, overrides, "gansformer", { names: true })),
    create(config, parts = {}) {
      checkConfig(config);
      const imageShape = [config.imageSize, config.imageSize, config.channels] as const;
      const generator = createGenerator(config, [...(parts.attentions ?? []), ...attentions]);
      return {
        latentSize: generator.latentSize,
        imageShape,
        ...(config.classes === 0 ? {} : { classes: config.classes }),
        generator,
        styles: generator.styles,
        discriminator: createDiscriminator(imageShape, config.discriminator, config.classes),
        discriminatorComparesImages: true,
      };
    },
  };
}
