import { definePlugin } from "@ganymede/core";
import { defineFamily } from "@ganymede/core/config";
import { checkConfig, settings } from "./config.js";
import { createDiscriminator } from "./discriminator.js";
import { createGenerator } from "./generator.js";
import { presets } from "./presets.js";
import { weights } from "./weights.js";

/** GANsformer: StyleGAN2 whose image attends to the latents of a few components; without them it is StyleGAN2. */
export const gansformerFamily = defineFamily({
  id: "gansformer",
  source: "https://arxiv.org/abs/2103.01209",
  settings,
  check: checkConfig,
  presets,
  weights,
  create(config, { attentions = [] }) {
    const { imageSize, channels, classes, discriminator } = config;
    const imageShape = [imageSize, imageSize, channels] as const;
    const generator = createGenerator(config, attentions);
    return {
      latentSize: generator.latentSize,
      imageShape,
      classes: classes || undefined,
      generator,
      styles: generator.styles,
      discriminator: createDiscriminator(imageShape, discriminator, classes),
      discriminatorComparesImages: true,
    };
  },
});

/** The family as a plugin. */
export const gansformer = () =>
  definePlugin({ apiVersion: 1, name: "@ganymede/models-gansformer", models: [gansformerFamily] });
