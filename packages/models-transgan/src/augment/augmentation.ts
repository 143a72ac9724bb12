import type { Augmentation, Component, Key, TermInputs } from "@ganymede/core";
import { defineComponent, fold } from "@ganymede/core";
import { list, oneOf, record } from "@ganymede/core/config";
import { amplifyBands, applyPolicy, bandGains } from "@ganymede/training";
import type * as tf from "@tensorflow/tfjs-core";
import { erase, halfRange, ratioRange, stlRange } from "./erase.js";
import { hue } from "./hue.js";

const steps = {
  translation: (x, key) => applyPolicy(x, key, { policy: ["translation"], translationRatio: 0.2 }),
  color: (x, key) => applyPolicy(x, key, { policy: ["color"] }),
  cutout: (x, key) => erase(x, key, halfRange),
  erase: (x, key) => erase(x, key, ratioRange),
  "stl-erase": (x, key) => erase(x, key, stlRange),
  filter: (x, key) => amplifyBands(x, bandGains(key, x.shape[0], 0.25)),
  hue,
} satisfies Record<string, (x: tf.Tensor4D, key: Key) => tf.Tensor4D>;

export type TransganStep = keyof typeof steps;

const names = Object.keys(steps) as readonly TransganStep[];

/** Operations in their order. */
export interface TransganAugmentSettings {
  readonly policy: readonly TransganStep[];
}

const component: Component<TransganAugmentSettings, TermInputs, Augmentation> = {
  id: "transgan",
  source: "https://github.com/VITA-Group/TransGAN",
  defaults: { policy: ["translation", "cutout", "color"] },
  settings: record({ policy: list(oneOf(...names)) }),
  create: ({ policy }) => ({
    apply: (images, key) => policy.reduce((x, step) => steps[step](x, fold(key, step)), images),
  }),
};

/**
 * DiffAugment as TransGAN's release has it: larger shifts, boxes in all images of a batch or in none, and for faces filters and hues.
 *
 * Source: VITA-Group/TransGAN, `models_search/diff_aug.py` and `exps`.
 */
export const transganAugment = defineComponent(component);
