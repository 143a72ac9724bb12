import { dotProduct, resolveMixer } from "@ganymede/attention";
import { definePlugin } from "@ganymede/core";
import { defineFamily } from "@ganymede/core/config";
import { transganAugment } from "./augmentation.js";
import { checkConfig, settings } from "./config.js";
import { createMultiScaleDiscriminator, createSingleScaleDiscriminator } from "./discriminators.js";
import { createGenerator } from "./generator.js";
import { presets } from "./presets.js";
import { superResolution } from "./super-resolution.js";
import { weights } from "./weights.js";

/** TransGAN: two networks of transformers, in both versions of the paper. */
export const transganFamily = defineFamily({
  id: "transgan",
  source: "https://arxiv.org/abs/2102.07074",
  settings,
  check: checkConfig,
  presets,
  weights,
  create(config, parts) {
    const { imageSize, channels, classes, generator, discriminator } = config;
    const imageShape = [imageSize, imageSize, channels] as const;
    const mixer = (name: "generator" | "discriminator") =>
      resolveMixer(config[name].attention, parts, `transgan: ${name}.attention`);
    const { superResolution, ...network } = createGenerator(config, mixer("generator"));
    return {
      latentSize: generator.latentSize,
      imageShape,
      classes: classes || undefined,
      generator: network,
      ...(superResolution && { superResolution }),
      discriminator:
        discriminator.kind === "single-scale"
          ? createSingleScaleDiscriminator(imageShape, discriminator, mixer("discriminator"), classes)
          : createMultiScaleDiscriminator(imageShape, discriminator, mixer("discriminator"), dotProduct(), classes),
    };
  },
});

/** The family as a plugin, with DiffAugment as the authors' release has it and co-training by super-resolution. */
export const transgan = () =>
  definePlugin({
    apiVersion: 1,
    name: "@ganymede/models-transgan",
    models: [transganFamily],
    augmentations: [transganAugment],
    generatorTerms: [superResolution],
  });
