import { resolveMixer } from "@ganymede/attention";
import { definePlugin } from "@ganymede/core";
import { defineFamily } from "@ganymede/core/config";
import { weightNorm } from "@ganymede/core/nn";
import type { NormConfig } from "./config.js";
import { checkConfig, settings } from "./config.js";
import { createDiscriminator } from "./discriminator.js";
import { createGenerator } from "./generator.js";
import { presets } from "./presets.js";
import { weights } from "./weights.js";

/** Selects every weight; those of the tables of norms by class only if they are `spectral`. */
function selectWeights(tables: NormConfig["tables"]) {
  const plainTable = tables === "plain" ? /Norm\.(scale|shift)\.weight$/ : /$^/;
  return { select: (path: string) => path.endsWith("weight") && !plainTable.test(path) };
}

/** SAGAN: residual convolutional networks with self-attention, spectral normalisation in both, by class or without. */
export const saganFamily = defineFamily({
  id: "sagan",
  source: "https://arxiv.org/abs/1805.08318",
  settings,
  check: checkConfig,
  presets,
  weights,
  create(config, parts) {
    const { imageSize, channels, classes, generator, discriminator } = config;
    const mixer = (name: "generator" | "discriminator") =>
      resolveMixer(config[name].attention, parts, `sagan: ${name}.attention`);
    return {
      latentSize: generator.latentSize,
      imageShape: [imageSize, imageSize, channels],
      classes: classes || undefined,
      generator: createGenerator(config, mixer("generator")),
      discriminator: createDiscriminator(config, mixer("discriminator")),
      generatorWeights: weightNorm(generator.weightNorm, selectWeights(generator.norm.tables)),
      discriminatorWeights: weightNorm(discriminator.weightNorm, selectWeights("spectral")),
    };
  },
});

/** The family as a plugin. */
export const sagan = () => definePlugin({ apiVersion: 1, name: "@ganymede/models-sagan", models: [saganFamily] });
