import { definePlugin } from "@ganymede/core";
import { augmentations } from "./augment/augmentation.js";
import type { TransganOptions } from "./family.js";
import { transganFamily } from "./family.js";

/** The family, and DiffAugment as the authors' release has it. */
export const transgan = (options: TransganOptions = {}) =>
  definePlugin({
    apiVersion: 1,
    name: "@ganymede/models-transgan",
    models: [transganFamily(options)],
    augmentations,
  });
