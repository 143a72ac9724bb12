import { definePlugin } from "@ganymede/core";
import { transganAugment } from "./augment/augmentation.js";
import type { TransganOptions } from "./family.js";
import { transganFamily } from "./family.js";
import { superResolution } from "./super-resolution.js";

/** The family, DiffAugment as the authors' release has it, and co-training by super-resolution. */
export const transgan = (options: TransganOptions = {}) =>
  definePlugin({
    apiVersion: 1,
    name: "@ganymede/models-transgan",
    models: [transganFamily(options)],
    augmentations: [transganAugment],
    generatorTerms: [superResolution],
  });
