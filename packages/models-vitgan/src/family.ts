import { attentionVariants, resolveMixer } from "@ganymede/attention";
import type { AttentionVariant, ModelFamily } from "@ganymede/core";
import { resolveAttention } from "@ganymede/core";
import { resolveConfig } from "@ganymede/core/config";
import type { VitganConfig } from "./config.js";
import { checkConfig } from "./config.js";
import { createTransformerDiscriminator } from "./discriminator.js";
import { createGenerator } from "./generator.js";
import { presets } from "./presets.js";
import { createResidualDiscriminator } from "./residual-discriminator.js";
import { weightNorm } from "./weight-norm.js";
import { weights as referenceWeights } from "./weights.js";

export interface VitganOptions {
  /** Attention variants that a config may name, besides those of `@ganymede/attention`. */
  readonly attentions?: readonly AttentionVariant[];
}

/** ViTGAN: a ViT generator with self-modulated norms and a ViT (or StyleGAN2) discriminator. */
export function vitganFamily({ attentions = [] }: VitganOptions = {}): ModelFamily<VitganConfig> {
  function discriminator(
    imageShape: readonly [number, number, number],
    { classes, discriminator: config }: VitganConfig,
    variants: readonly AttentionVariant[],
  ) {
    if (config.kind === "residual") {
      const residual = createResidualDiscriminator(imageShape, config, classes);
      return { discriminator: residual, discriminatorComparesImages: true };
    }
    const attention = resolveAttention(variants, config.attention, ["self"], "vitgan: discriminator.attention");
    const weights = weightNorm(config.weightNorm);
    return {
      discriminator: createTransformerDiscriminator(imageShape, config, attention, classes),
      ...(weights === undefined ? {} : { discriminatorWeights: weights }),
    };
  }

  return {
    id: "vitgan",
    source: "https://arxiv.org/abs/2107.04589",
    presets,
    weights: referenceWeights,
    configure: (base, overrides) => checkConfig(resolveConfig(base, overrides, "vitgan", { names: true })),
    create(given, parts = {}) {
      // Runs that began before there were classes know nothing of them.
      const config = checkConfig({ ...given, classes: given?.classes ?? 0 });
      const all = { ...parts, attentions: [...(parts.attentions ?? []), ...attentions] };
      const variants = [...all.attentions, ...attentionVariants];
      const imageShape = [config.imageSize, config.imageSize, config.channels] as const;
      const weights = weightNorm(config.generator.weightNorm);
      const generator = createGenerator(
        config,
        resolveMixer(config.generator.attention, all, "vitgan: generator.attention"),
      );
      return {
        latentSize: config.generator.latentSize,
        imageShape,
        ...(config.classes === 0 ? {} : { classes: config.classes }),
        generator,
        styles: generator.styles,
        ...(weights === undefined ? {} : { generatorWeights: weights }),
        ...discriminator(imageShape, config, variants),
      };
    },
  };
}
