import { definePlugin, diffAugment } from "@ganymede/core";
import type { VitganOptions } from "./family.js";
import { vitganFamily } from "./family.js";

/** The family, and the augmentation of its authors' release. */
export const vitgan = (options: VitganOptions = {}) =>
  definePlugin({
    apiVersion: 1,
    name: "@ganymede/models-vitgan",
    models: [vitganFamily(options)],
    augmentations: [
      diffAugment({
        id: "vitgan-release",
        policy: ["color", "translation", "mirror", "cutout"],
        probability: { color: 0.8, translation: 0.8, mirror: 0.45, cutout: 0.3 },
      }),
    ],
  });
