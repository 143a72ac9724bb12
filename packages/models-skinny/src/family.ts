import type { ModelParts } from "@ganymede/core";
import { definePlugin } from "@ganymede/core";
import { defineFamily } from "@ganymede/core/config";
import { weightNorm } from "@ganymede/core/nn";
import type { Tensor } from "@tensorflow/tfjs-core";
import { createAttentionUnet } from "./attention-unet.js";
import type { SkinnyConfig } from "./config.js";
import { checkConfig, settings } from "./config.js";
import { createConvolutionalUnet } from "./convolutional-unet.js";
import { createGenerator } from "./generator.js";
import type { PixelDiscriminator } from "./pixel-discriminator.js";
import { presets } from "./presets.js";
import { createSetDiscriminator } from "./set-discriminator.js";

/** Selects every weight but those of positions, norms, class vectors and the logits of pixels. */
const select = (path: string, { rank }: Pick<Tensor, "rank">) =>
  rank >= 2 && path.endsWith("weight") && !/(^|\.)(position|norm|classes|pixelHead)(\.|$)/.test(path);

function createDiscriminator(config: SkinnyConfig, outside: ModelParts): PixelDiscriminator {
  const { imageSize, channels, classes, discriminator } = config;
  const imageShape = [imageSize, imageSize, channels] as const;
  switch (discriminator.kind) {
    case "attention-unet":
      return createAttentionUnet(imageShape, discriminator, outside, classes);
    case "set-queries":
      return createSetDiscriminator(imageShape, discriminator, outside, classes);
    case "convolutional-unet":
      return createConvolutionalUnet(imageShape, discriminator, classes);
  }
}

/** The all-attention GAN: a generator without a convolution, against discriminators with one or without. */
export const skinnyFamily = defineFamily({
  id: "skinny",
  source: "https://github.com/shawwn/tensorfork/issues/31",
  settings,
  check: checkConfig,
  presets,
  create(config, outside) {
    const { imageSize, channels, classes, discriminator } = config;
    const generator = createGenerator(config, outside);
    const { weightNorm: kind } = discriminator;
    return {
      latentSize: generator.latentSize,
      imageShape: [imageSize, imageSize, channels],
      classes: classes || undefined,
      generator,
      styles: generator.styles,
      ...createDiscriminator(config, outside),
      discriminatorWeights: weightNorm(kind, { select, ...(kind === "spectral" && { epsilon: 1e-6 }) }),
    };
  },
});

/** The family as a plugin. */
export const skinny = () => definePlugin({ apiVersion: 1, name: "@ganymede/models-skinny", models: [skinnyFamily] });
