import { definePlugin } from "@ganymede/core";
import { diffAugment } from "@ganymede/training";
import type { VitganOptions } from "./family.js";
import { vitganFamily } from "./family.js";

const paperChance = { color: 0.8, translation: 0.8, cutout: 0.8, scaling: 0.8 };

/** The family, and the augmentations of the paper (section 4.1; its range of scaling is ours) and of the authors' release. */
export const vitgan = (options: VitganOptions = {}) =>
  definePlugin({
    apiVersion: 1,
    name: "@ganymede/models-vitgan",
    models: [vitganFamily(options)],
    augmentations: [
      diffAugment({
        id: "vitgan-paper",
        policy: ["translation", "color", "cutout", "scaling"],
        probability: paperChance,
        scalingLimit: 1.25,
      }),
      diffAugment({
        id: "vitgan-release",
        policy: ["color", "translation", "mirror", "cutout"],
        probability: { color: 0.8, translation: 0.8, mirror: 0.45, cutout: 0.3 },
      }),
    ],
  });
