import { definePlugin } from "@ganymede/core";
import { transganAugment } from "./augmentation.js";
import { transganFamily } from "./family.js";
import { superResolution } from "./super-resolution.js";

export type { BlocksOptions } from "./blocks.js";
export { blocks } from "./blocks.js";
export type { MultiScaleConfig, SingleScaleConfig, StageConfig, TransganConfig } from "./config.js";
export { createMultiScaleDiscriminator, createSingleScaleDiscriminator } from "./discriminators.js";
export { createGenerator } from "./generator.js";
export { presets } from "./presets.js";
export { bicubicMatrix, enlarge, halvingMatrix, resample, smoothingMatrix } from "./resample.js";
export { transganFamily };

/** The family as a plugin, with DiffAugment as the authors' release has it and co-training by super-resolution. */
export const transgan = () =>
  definePlugin({
    apiVersion: 1,
    name: "@ganymede/models-transgan",
    models: [transganFamily],
    augmentations: [transganAugment],
    generatorTerms: [superResolution],
  });
export default transgan;
