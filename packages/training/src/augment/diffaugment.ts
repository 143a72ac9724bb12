import type { Augmentation, Component, Key, TermInputs } from "@ganymede/core";
import { defineComponent, fold, integers, uniform } from "@ganymede/core";
import { list, oneOf, real, record } from "@ganymede/core/config";
import * as tf from "@tensorflow/tfjs-core";
import { brightness, contrast, saturation } from "./color.js";
import { boxSide, cutout } from "./cutout.js";
import { mirror } from "./mirror.js";
import { scale } from "./scaling.js";
import { largestShift, translate } from "./translation.js";

/** An operation of DiffAugment; `color` is brightness, saturation and contrast. */
export type AugmentationStep = "color" | "translation" | "mirror" | "cutout" | "scaling";

/** Settings of `diffAugment`. */
export interface DiffAugmentSettings {
  /** Operations, in order. */
  readonly policy: readonly AugmentationStep[];
  /** Largest shift as a fraction of the sides. */
  readonly translationRatio: number;
  /** Sides of the box as a fraction of the image's sides. */
  readonly cutoutRatio: number;
  /** Largest scale factor, above 1; factors are log-uniform in [1 / limit, limit]. */
  readonly scalingLimit: number;
  /** Probability per sample of each operation (of each of the three colour operations). */
  readonly probability: Readonly<Record<AugmentationStep, number>>;
}

/** 1 with the given probability, else 0: `[batch]`. Null for a certain event, which needs no draw. */
function coin(key: Key, batch: number, chance: number): tf.Tensor1D | null {
  if (chance === 1) return null;
  return tf.cast(tf.less(uniform<tf.Rank.R1>(fold(key, "coin"), [batch]), chance), "float32");
}

/** A uniform draw per sample; 0.5, the identity, where the coin is 0. */
function strength(key: Key, batch: number, chance: number): tf.Tensor1D {
  const draw = uniform<tf.Rank.R1>(key, [batch]);
  const chosen = coin(key, batch, chance);
  return chosen === null ? draw : tf.add(tf.mul(tf.sub(draw, 0.5), chosen), 0.5);
}

function shift(key: Key, batch: number, side: number, ratio: number, chosen: tf.Tensor1D | null): tf.Tensor1D {
  const limit = largestShift(side, ratio);
  const draw = tf.cast(integers<tf.Rank.R1>(key, [batch], -limit, limit + 1), "float32") as tf.Tensor1D;
  return chosen === null ? draw : tf.mul(draw, chosen);
}

function centre(key: Key, batch: number, side: number, ratio: number): tf.Tensor1D {
  return integers<tf.Rank.R1>(key, [batch], 0, side + 1 - (boxSide(side, ratio) % 2));
}

const steps = {
  color(x, key, { probability }) {
    const draw = (name: string) => strength(fold(key, name), x.shape[0], probability.color);
    return contrast(saturation(brightness(x, draw("brightness")), draw("saturation")), draw("contrast"));
  },
  translation(x, key, { probability, translationRatio }) {
    const [batch, height, width] = x.shape;
    const chosen = coin(key, batch, probability.translation);
    const rows = shift(fold(key, "rows"), batch, height, translationRatio, chosen);
    return translate(x, rows, shift(fold(key, "columns"), batch, width, translationRatio, chosen));
  },
  mirror: (x, key, { probability }) => mirror(x, coin(key, x.shape[0], probability.mirror) ?? tf.ones([x.shape[0]])),
  cutout(x, key, { probability, cutoutRatio }) {
    const [batch, height, width] = x.shape;
    const rows = centre(fold(key, "rows"), batch, height, cutoutRatio);
    const columns = centre(fold(key, "columns"), batch, width, cutoutRatio);
    return cutout(x, rows, columns, cutoutRatio, coin(key, batch, probability.cutout) ?? undefined);
  },
  scaling(x, key, { probability, scalingLimit }) {
    // 0.5, the identity of the other operations, maps to the factor 1.
    const draw = strength(key, x.shape[0], probability.scaling);
    return scale(x, tf.exp(tf.mul(tf.sub(draw, 0.5), 2 * Math.log(scalingLimit))));
  },
} satisfies Record<AugmentationStep, (x: tf.Tensor4D, key: Key, settings: DiffAugmentSettings) => tf.Tensor4D>;

const defaults: DiffAugmentSettings = {
  policy: ["color", "translation", "cutout"],
  translationRatio: 0.125,
  cutoutRatio: 0.5,
  scalingLimit: 1.25,
  probability: { color: 1, translation: 1, mirror: 0.5, cutout: 1, scaling: 1 },
};

/** Applies a policy's operations in order, for augmentations that include some of DiffAugment's. */
export function applyPolicy(images: tf.Tensor4D, key: Key, settings: Partial<DiffAugmentSettings> = {}): tf.Tensor4D {
  const complete = { ...defaults, ...settings };
  return complete.policy.reduce((x, step) => steps[step](x, fold(key, step), complete), images);
}

const share = real({ least: 0, most: 1 });

const component: Component<DiffAugmentSettings, TermInputs, Augmentation> = {
  id: "diffaugment",
  source: "https://arxiv.org/abs/2006.10738",
  defaults,
  settings: record({
    policy: list(oneOf("color", "translation", "mirror", "cutout", "scaling")),
    translationRatio: share,
    cutoutRatio: share,
    scalingLimit: real({ above: 1 }),
    probability: record({ color: share, translation: share, mirror: share, cutout: share, scaling: share }),
  }),
  create: (settings) => ({ apply: (images, key) => applyPolicy(images, key, settings) }),
};

/**
 * DiffAugment: colour, translation and cutout with independent draws per sample. Every operation is affine in the image, so gradients
 * flow to the generator and through penalties. Images may have any number of channels.
 *
 * `scaling` is off by default: ViTGAN's paper uses it (arXiv 2107.04589, section 4.1) but gives no range.
 *
 * Source: Zhao et al. 2020, arXiv 2006.10738, section 3.2 and the authors' PyTorch code. Probabilities below 1 follow ViTGAN's release.
 */
export const diffAugment = defineComponent(component);
