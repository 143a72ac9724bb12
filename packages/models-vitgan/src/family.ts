import { attentionVariants, resolveMixer } from "@ganymede/attention";
import { definePlugin, resolveAttention } from "@ganymede/core";
import { defineFamily } from "@ganymede/core/config";
import { weightNorm } from "@ganymede/core/nn";
import type { Tensor } from "@tensorflow/tfjs-core";
import { checkConfig, settings } from "./config.js";
import { createResidualDiscriminator, createTransformerDiscriminator } from "./discriminators.js";
import { createGenerator } from "./generator.js";
import { presets } from "./presets.js";
import { weights } from "./weights.js";

/** Weights of patch embedding, attention and MLP are normalised; not those of norms, positions, styles and heads. */
const projections = {
  select: (path: string, { rank }: Tensor) => rank >= 2 && /(^|\.)(embedding|attention|mlp)\..*weight$/.test(path),
};

/** ViTGAN: a ViT generator with self-modulated norms and a ViT (or StyleGAN2) discriminator. */
export const vitganFamily = defineFamily({
  id: "vitgan",
  source: "https://arxiv.org/abs/2107.04589",
  settings,
  check: checkConfig,
  presets,
  weights,
  create(config, parts) {
    const { imageSize, channels, classes, generator, discriminator } = config;
    const imageShape = [imageSize, imageSize, channels] as const;
    const network = createGenerator(config, resolveMixer(generator.attention, parts, "vitgan: generator.attention"));
    const model = {
      latentSize: generator.latentSize,
      imageShape,
      classes: classes || undefined,
      generator: network,
      styles: network.styles,
      generatorWeights: weightNorm(generator.weightNorm, projections),
    };
    if (discriminator.kind === "residual") {
      const residual = createResidualDiscriminator(imageShape, discriminator, classes);
      return { ...model, discriminator: residual, discriminatorComparesImages: true };
    }
    const variants = [...(parts.attentions ?? []), ...attentionVariants];
    const attention = resolveAttention(variants, discriminator.attention, ["self"], "vitgan: discriminator.attention");
    return {
      ...model,
      discriminator: createTransformerDiscriminator(imageShape, discriminator, attention, classes),
      discriminatorWeights: weightNorm(discriminator.weightNorm, projections),
    };
  },
});

/** The family as a plugin. */
export const vitgan = () => definePlugin({ apiVersion: 1, name: "@ganymede/models-vitgan", models: [vitganFamily] });
