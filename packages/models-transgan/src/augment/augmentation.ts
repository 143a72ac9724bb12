import type { Augmentation, Key } from "@ganymede/core";
import { fold } from "@ganymede/core";
import { diffAugment } from "@ganymede/training";
import type * as tf from "@tensorflow/tfjs-core";
import { amplifyBands, bandGains } from "./band-filter.js";
import { erase, halfRange, ratioRange, stlRange } from "./erase.js";
import { hue } from "./hue.js";

const translation = diffAugment({ policy: ["translation"], translationRatio: 0.2 });
const color = diffAugment({ policy: ["color"] });

const steps = {
  translation: (x, key) => translation.apply(x, key),
  color: (x, key) => color.apply(x, key),
  cutout: (x, key) => erase(x, key, halfRange),
  erase: (x, key) => erase(x, key, ratioRange),
  "stl-erase": (x, key) => erase(x, key, stlRange),
  filter: (x, key) => amplifyBands(x, bandGains(key, x.shape[0])),
  hue,
} satisfies Record<string, (x: tf.Tensor4D, key: Key) => tf.Tensor4D>;

export type TransganStep = keyof typeof steps;

function augmentation(id: string, policy: readonly TransganStep[]): Augmentation {
  return {
    id,
    source: "https://github.com/VITA-Group/TransGAN",
    apply: (images, key) => policy.reduce((x, step) => steps[step](x, fold(key, step)), images),
  };
}

/**
 * DiffAugment as TransGAN's release has it: larger shifts, boxes in all images of a batch or in none, and for faces filters and hues.
 *
 * Source: VITA-Group/TransGAN, `models_search/diff_aug.py` and `exps`.
 */
export const augmentations: readonly Augmentation[] = [
  augmentation("transgan", ["translation", "cutout", "color"]),
  augmentation("transgan-stl", ["translation", "stl-erase", "color"]),
  augmentation("transgan-erase", ["translation", "erase", "color"]),
  augmentation("transgan-faces", ["filter", "translation", "erase", "color", "hue"]),
];
