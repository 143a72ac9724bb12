import { resolveMixer } from "@ganymede/attention";
import type { ParamTree, WeightTransform } from "@ganymede/core";
import { definePlugin } from "@ganymede/core";
import { defineFamily } from "@ganymede/core/config";
import { spectralNorm } from "@ganymede/core/nn";
import type { NormConfig, WeightNorm } from "./config.js";
import { checkConfig, settings } from "./config.js";
import { createDiscriminator } from "./discriminator.js";
import { createGenerator } from "./generator.js";
import { presets } from "./presets.js";
import { weights } from "./weights.js";

/** Spectral normalisation of every weight; that of the tables of norms by class only if they are `spectral`. */
function weightNorm(
  kind: WeightNorm,
  tables: NormConfig["tables"] = "spectral",
): WeightTransform<ParamTree> | undefined {
  const plainTable = tables === "plain" ? /Norm\.(scale|shift)\.weight$/ : /$^/;
  const select = (path: string) => path.endsWith("weight") && !plainTable.test(path);
  return kind === "none" ? undefined : spectralNorm({ select });
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
      generatorWeights: weightNorm(generator.weightNorm, generator.norm.tables),
      discriminatorWeights: weightNorm(discriminator.weightNorm),
    };
  },
});

/** The family as a plugin. */
export const sagan = () => definePlugin({ apiVersion: 1, name: "@ganymede/models-sagan", models: [saganFamily] });
