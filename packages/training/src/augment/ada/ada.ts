import type { Augmentation, Key } from "@ganymede/core";
import { fold, normal, uniform } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { rotate2d, rotateHue, scale2d, stretchGrey, translate2d, translate3d } from "./homogeneous.js";
import { warp } from "./warp.js";

export type AdaStep =
  | "mirror"
  | "quarter-turns"
  | "shift"
  | "scale"
  | "rotation"
  | "stretch"
  | "fractional-shift"
  | "brightness"
  | "contrast"
  | "luma-flip"
  | "hue"
  | "saturation";

export interface AdaOptions {
  readonly id?: string;
  /** Operations that may be chosen; all, the pipeline `bgc`, where left out. */
  readonly steps?: readonly AdaStep[];
}

const geometric = ["mirror", "quarter-turns", "shift", "scale", "rotation", "stretch", "fractional-shift"] as const;
const colour = ["brightness", "contrast", "luma-flip", "hue", "saturation"] as const;

/** Draws of one pipeline. */
interface Draws {
  readonly batch: number;
  /** 1 with the given chance, else 0, per sample. */
  coin(label: string, chance?: tf.Tensor | number): tf.Tensor1D;
  uniform(label: string): tf.Tensor1D;
  normal(label: string): tf.Tensor1D;
}

function drawsOf(key: Key, batch: number, strength: tf.Scalar | number): Draws {
  const draw = (label: string): tf.Tensor1D => uniform<tf.Rank.R1>(fold(key, label), [batch]);
  return {
    batch,
    coin: (label, chance = strength) => tf.cast(tf.less(draw(`${label}/coin`), chance), "float32"),
    uniform: draw,
    normal: (label) => normal<tf.Rank.R1>(fold(key, label), [batch]),
  };
}

/** 2^(deviation * n) where the coin says so, else 1. */
function factor(draws: Draws, label: string, deviation: number): tf.Tensor1D {
  const exponent = tf.mul(tf.mul(draws.normal(label), deviation), draws.coin(label));
  return tf.exp(tf.mul(exponent, Math.LN2));
}

/** Where a pixel of the output comes from: the inverses of the chosen operations, the first outermost. */
function inverseMap(
  draws: Draws,
  has: (step: AdaStep) => boolean,
  strength: tf.Scalar | number,
  side: Side,
): tf.Tensor3D {
  const { batch } = draws;
  const maps: tf.Tensor3D[] = [];
  const whole = (label: string, count: number) =>
    tf.mul(tf.floor(tf.mul(draws.uniform(label), count)), draws.coin(label));
  const signed = (label: string) => tf.sub(tf.mul(draws.uniform(label), 2), 1);
  if (has("mirror")) maps.push(scale2d(batch, tf.sub(1, tf.mul(whole("mirror", 2), 2)) as tf.Tensor1D, 1));
  if (has("quarter-turns")) maps.push(rotate2d(batch, tf.mul(whole("quarter-turns", 4), Math.PI / 2)));
  if (has("shift")) {
    const chosen = draws.coin("shift");
    const by = (label: string, size: number) =>
      tf.mul(tf.round(tf.mul(signed(label), 0.125 * size)), chosen) as tf.Tensor1D;
    maps.push(translate2d(batch, by("shift/x", side.width), by("shift/y", side.height)));
  }
  if (has("scale")) {
    const inverse = tf.div(1, factor(draws, "scale", 0.2)) as tf.Tensor1D;
    maps.push(scale2d(batch, inverse, inverse));
  }
  // Two turns, before and after the stretch, of which at least one happens with the chance `strength`.
  const turnChance = tf.sub(1, tf.sqrt(tf.sub(1, strength)));
  const turn = (label: string) =>
    rotate2d(batch, tf.mul(tf.mul(signed(label), Math.PI), draws.coin(label, turnChance)) as tf.Tensor1D);
  if (has("rotation")) maps.push(turn("rotation/before"));
  if (has("stretch")) {
    const stretch = factor(draws, "stretch", 0.2);
    maps.push(scale2d(batch, tf.div(1, stretch) as tf.Tensor1D, stretch));
  }
  if (has("rotation")) maps.push(turn("rotation/after"));
  if (has("fractional-shift")) {
    const chosen = draws.coin("fractional-shift");
    const by = (label: string, size: number) =>
      tf.mul(tf.mul(draws.normal(label), 0.125 * size), chosen) as tf.Tensor1D;
    maps.push(translate2d(batch, by("fractional-shift/x", side.width), by("fractional-shift/y", side.height)));
  }
  return maps.reduce((product, map) => tf.matMul(product, map));
}

interface Side {
  readonly width: number;
  readonly height: number;
}

/** Colours `[r, g, b, 1]` to colours: the chosen operations, the first innermost. */
function colourMap(draws: Draws, has: (step: AdaStep) => boolean): tf.Tensor3D {
  const { batch } = draws;
  const maps: tf.Tensor3D[] = [];
  if (has("brightness")) {
    maps.push(translate3d(batch, tf.mul(tf.mul(draws.normal("brightness"), 0.2), draws.coin("brightness"))));
  }
  if (has("contrast")) {
    const by = factor(draws, "contrast", 0.5);
    maps.push(stretchGrey(batch, by, by));
  }
  if (has("luma-flip")) {
    const flipped = tf.mul(tf.floor(tf.mul(draws.uniform("luma-flip"), 2)), draws.coin("luma-flip"));
    maps.push(stretchGrey(batch, tf.sub(1, tf.mul(flipped, 2)) as tf.Tensor1D, 1));
  }
  if (has("hue")) {
    const angle = tf.mul(tf.sub(tf.mul(draws.uniform("hue"), 2), 1), Math.PI);
    maps.push(rotateHue(batch, tf.mul(angle, draws.coin("hue"))));
  }
  if (has("saturation")) maps.push(stretchGrey(batch, 1, factor(draws, "saturation", 1)));
  return maps.reduce((product, map) => tf.matMul(map, product));
}

/** Applies colour maps `[B, 4, 4]`; a grey image takes the mean of what happens to its three equal channels. */
function recolour(x: tf.Tensor4D, map: tf.Tensor3D): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const linear = tf.slice(map, [0, 0, 0], [batch, 3, 3]);
  const constant = tf.slice(map, [0, 0, 3], [batch, 3, 1]);
  const pixels = tf.reshape(x, [batch, height * width, channels]);
  if (channels === 1) {
    const gain = tf.mean(tf.sum(linear, 2), 1);
    const shift = tf.mean(constant, [1, 2]);
    const scaled = tf.mul(pixels, tf.reshape(gain, [batch, 1, 1]));
    return tf.reshape(tf.add(scaled, tf.reshape(shift, [batch, 1, 1])), x.shape);
  }
  const coloured = tf.add(tf.matMul(pixels, linear, false, true), tf.transpose(constant, [0, 2, 1]));
  return tf.reshape(coloured, x.shape);
}

/**
 * Adaptive discriminator augmentation: pixel blitting, one affine map and one map of colours, each operation with the chance that a
 * controller sets (see `adapt`), or 1 without one. Linear in the image given the draws, so gradients flow through it any number of times.
 *
 * Source: Karras et al. 2020, StyleGAN2-ADA, arXiv 2006.06676, appendix B; the pipeline `bgc` of the authors' code.
 */
export function adaptiveAugment({ id = "ada", steps = [...geometric, ...colour] }: AdaOptions = {}): Augmentation {
  const has = (step: AdaStep): boolean => steps.includes(step);
  return {
    id,
    source: "https://arxiv.org/abs/2006.06676",
    adaptive: true,
    apply(images, key, strength) {
      const [batch, height, width] = images.shape;
      const draws = drawsOf(key, batch, strength ?? 1);
      const moved = geometric.some(has)
        ? warp(images, inverseMap(draws, has, strength ?? 1, { width, height }))
        : images;
      return colour.some(has) ? recolour(moved, colourMap(draws, has)) : moved;
    },
  };
}
