import type { Augmentation, Component, Key, TermInputs } from "@ganymede/core";
import { defineComponent, fold, integers, uniform } from "@ganymede/core";
import { list, oneOf, record } from "@ganymede/core/config";
import { amplifyBands, applyPolicy, bandGains, recolour, rotateHue } from "@ganymede/training";
import * as tf from "@tensorflow/tfjs-core";

/** Shortest and longest side of a box for an image's side, both in pixels and included. */
export type BoxRange = (side: number) => readonly [shortest: number, longest: number];

/** Between a fifth and seven tenths of the side. */
export const ratioRange: BoxRange = (side) => [Math.floor(side * 0.2), Math.floor(side * 0.7)];

/** As for STL-10: between 20 pixels and 20 more than half the side. */
export const stlRange: BoxRange = (side) => [20, Math.floor(side / 2) + 20];

/** Half the side. */
export const halfRange: BoxRange = (side) => [Math.floor(side / 2 + 0.5), Math.floor(side / 2 + 0.5)];

/** 1 with this chance for the whole batch, else 0: `[1]`. */
function coin(key: Key, chance: number): tf.Tensor {
  return tf.cast(tf.less(uniform(key, [1]), chance), "float32");
}

/** 1 inside a box of one length for the batch and a centre for each sample, cut at the border, else 0: `[B, side]`. */
function inside(key: Key, batch: number, side: number, range: BoxRange): tf.Tensor2D {
  const [shortest, longest] = range(side);
  const box = tf.cast(integers(fold(key, "length"), [1], shortest, longest + 1), "float32");
  // An even box may lie half outside at either end, an odd one has a middle that stays inside.
  const places = tf.sub(side + 1, tf.mod(box, 2));
  const centre = tf.floor(tf.mul(uniform(fold(key, "centre"), [batch, 1]), places));
  const start = tf.sub(centre, tf.floor(tf.div(box, 2)));
  const clamp = (at: tf.Tensor) => tf.minimum(tf.maximum(at, 0), side - 1);
  const [first, last] = [clamp(start), clamp(tf.sub(tf.add(start, box), 1))];
  const at = tf.reshape(tf.range(0, side, 1, "float32"), [1, side]);
  return tf.cast(tf.logicalAnd(tf.greaterEqual(at, first), tf.lessEqual(at, last)), "float32") as tf.Tensor2D;
}

/**
 * Zeroes a box in every image of the batch, or, with the chance 1 - `chance`, in none: sides drawn once for the batch, places for
 * each image. x `[B, H, W, C]`.
 *
 * Source: VITA-Group/TransGAN, `models_search/diff_aug.py`, `rand_cutout` and `rand_erase_ratio`.
 */
export function erase(x: tf.Tensor4D, key: Key, range: BoxRange, chance = 0.3): tf.Tensor4D {
  const [batch, height, width] = x.shape;
  const rows = tf.mul(inside(fold(key, "rows"), batch, height, range), coin(fold(key, "coin"), chance));
  const columns = inside(fold(key, "columns"), batch, width, range);
  const box = tf.mul(tf.expandDims(rows, 2), tf.expandDims(columns, 1)); // [B, H, W]
  return tf.mul(x, tf.expandDims(tf.sub(1, box), 3));
}

/** Turns about the grey axis, by angles uniform in all directions, for half of the images; grey images have no hue. */
function hue(x: tf.Tensor4D, key: Key): tf.Tensor4D {
  const [batch, , , channels] = x.shape;
  if (channels === 1) return x;
  const chosen = tf.cast(tf.less(uniform(fold(key, "coin"), [batch]), 0.5), "float32");
  const angle = uniform<tf.Rank.R1>(fold(key, "angle"), [batch], -Math.PI, Math.PI);
  return recolour(x, rotateHue(batch, tf.mul(angle, chosen)));
}

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
