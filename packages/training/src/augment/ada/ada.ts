import type { Augmentation, Component, Key, Scheduled, TermInputs } from "@ganymede/core";
import { defineComponent, fold, GanymedeError, normal, uniform } from "@ganymede/core";
import { nullable, real, record, scheduled, whole } from "@ganymede/core/config";
import * as tf from "@tensorflow/tfjs-core";
import type { AdaptationState } from "../adaptation.js";
import { adapt, startAdaptation } from "../adaptation.js";
import { amplifyBands, bandGains } from "./band-filter.js";
import { cutoutAt } from "./cutout-at.js";
import { rotate2d, rotateHue, scale2d, stretchGrey, translate2d, translate3d } from "./homogeneous.js";
import { warp } from "./warp.js";

const geometric = ["mirror", "quarter-turns", "shift", "scale", "rotation", "stretch", "fractional-shift"] as const;
const colour = ["brightness", "contrast", "luma-flip", "hue", "saturation"] as const;
const corruption = ["filter", "noise", "cutout"] as const;

/** An operation of the ADA pipeline. */
export type AdaStep = (typeof geometric)[number] | (typeof colour)[number] | (typeof corruption)[number];

/** Settings of `adaptiveAugment`. */
export interface AdaSettings {
  /** Target for the mean sign of D on real images, which the controller steers towards; null for a fixed `strength`. */
  readonly target: number | null;
  /** Images over which the controller can move the strength from 0 to 1. */
  readonly images: number;
  /** Discriminator updates between two adjustments of the controller. */
  readonly every: number;
  /** Probability of each operation without a controller, in [0, 1]; may be a schedule. */
  readonly strength: Scheduled;
  /** Factor of the strength for each operation; 0 disables it. */
  readonly chances: Readonly<Record<AdaStep, number>>;
}

/** Random draws of one pass through the pipeline. */
interface Draws {
  readonly batch: number;
  /** Whether the operation is enabled. */
  has(step: AdaStep): boolean;
  /** Probability of the operation. */
  chance(step: AdaStep): tf.Tensor | number;
  /** 1 with the operation's probability (or another one), else 0, per sample. */
  coin(step: AdaStep, label?: string, chance?: tf.Tensor | number): tf.Tensor1D;
  uniform(label: string): tf.Tensor1D;
  normal(label: string): tf.Tensor1D;
}

function drawsOf(key: Key, batch: number, strength: tf.Scalar | number, chances: AdaSettings["chances"]): Draws {
  const draw = (label: string): tf.Tensor1D => uniform<tf.Rank.R1>(fold(key, label), [batch]);
  const chanceOf = (step: AdaStep) => {
    if (typeof strength === "number") return strength * chances[step];
    return chances[step] === 1 ? strength : tf.mul(strength, chances[step]);
  };
  return {
    batch,
    has: (step) => chances[step] > 0,
    chance: chanceOf,
    coin: (step, label = step, chance = chanceOf(step)) => tf.cast(tf.less(draw(`${label}/coin`), chance), "float32"),
    uniform: draw,
    normal: (label) => normal<tf.Rank.R1>(fold(key, label), [batch]),
  };
}

/** 2^(deviation * n) where the coin is 1, else 1. */
function factor(draws: Draws, label: AdaStep, deviation: number): tf.Tensor1D {
  const exponent = tf.mul(tf.mul(draws.normal(label), deviation), draws.coin(label));
  return tf.exp(tf.mul(exponent, Math.LN2));
}

/** Maps output coordinates to input coordinates: the inverses of the sampled operations, the first outermost. */
function inverseMap(draws: Draws, side: Side): tf.Tensor3D {
  const { batch, has } = draws;
  const maps: tf.Tensor3D[] = [];
  const whole = (label: AdaStep, count: number) =>
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
  // Two rotations, before and after the stretch; the probability that at least one happens is `strength`.
  const turnChance = tf.sub(1, tf.sqrt(tf.sub(1, draws.chance("rotation"))));
  const turn = (label: string) =>
    rotate2d(batch, tf.mul(tf.mul(signed(label), Math.PI), draws.coin("rotation", label, turnChance)) as tf.Tensor1D);
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

/** Maps colours `[r, g, b, 1]` to colours: the sampled operations, the first innermost. */
function colourMap(draws: Draws): tf.Tensor3D {
  const { batch, has } = draws;
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

/** Applies colour maps `[B, 4, 4]`; a grey image gets the mean of what its three equal channels become. */
export function recolour(x: tf.Tensor4D, map: tf.Tensor3D): tf.Tensor4D {
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

/** Applies the operations in order. */
function pipeline(images: tf.Tensor4D, key: Key, strength: tf.Scalar | number, chances: AdaSettings["chances"]) {
  const [batch, height, width] = images.shape;
  const draws = drawsOf(key, batch, strength, chances);
  let x = images;
  if (geometric.some(draws.has)) x = warp(x, inverseMap(draws, { width, height }));
  if (colour.some(draws.has)) x = recolour(x, colourMap(draws));
  if (draws.has("filter")) x = amplifyBands(x, bandGains(fold(key, "filter"), batch, draws.chance("filter")));
  if (draws.has("noise")) {
    const deviation = tf.mul(tf.mul(tf.abs(draws.normal("noise/deviation")), 0.1), draws.coin("noise"));
    x = tf.add(x, tf.mul(normal(fold(key, "noise"), x.shape), tf.reshape(deviation, [batch, 1, 1, 1])));
  }
  if (draws.has("cutout")) {
    const centre = tf.stack([draws.uniform("cutout/x"), draws.uniform("cutout/y")], 1) as tf.Tensor2D;
    x = cutoutAt(x, centre, draws.coin("cutout"), 0.5);
  }
  return x;
}

const share = real({ least: 0, most: 1 });
const on = Object.fromEntries([...geometric, ...colour].map((step) => [step, 1]));
const off = Object.fromEntries(corruption.map((step) => [step, 0]));
const chances = { ...on, ...off } as AdaSettings["chances"];
const chanceSettings = Object.fromEntries(Object.keys(chances).map((step) => [step, share]));

const component: Component<AdaSettings, TermInputs, Augmentation<AdaptationState>> = {
  id: "ada",
  source: "https://arxiv.org/abs/2006.06676",
  defaults: { target: 0.6, images: 500_000, every: 4, strength: 1, chances },
  settings: record({
    target: nullable(real({ above: -1, below: 1 })),
    images: whole(1),
    every: whole(1),
    strength: scheduled(share),
    chances: record(chanceSettings),
  }),
  create({ target, images, every, strength, chances: of }, { schedule, where, model, imagesPerUpdate }) {
    const [, , channels] = model.imageShape;
    if (channels !== 1 && channels !== 3 && colour.some((step) => of[step] > 0)) {
      throw new GanymedeError(
        "unsupported",
        `${where}: colours need images of 1 or 3 channels, but this model's have ${channels}; set chances of ${colour.join(", ")} to 0`,
      );
    }
    if (target === null) {
      const strengths = schedule(strength, `${where}: strength`, share);
      return { apply: (x, key, { progress }) => pipeline(x, key, strengths.at(progress), of) };
    }
    return {
      init: startAdaptation,
      apply: (x, key, { memory }) => pipeline(x, key, memory.strength, of),
      adapt: (memory, sign) => adapt(memory, sign, { target, images, every }, imagesPerUpdate),
    };
  },
};

/**
 * Adaptive discriminator augmentation: pixel blitting, one affine map, one colour map, a filter per octave, noise and cutout, each
 * operation with a probability that is fixed or set by a controller (see `adapt`). Given its draws it is linear in the image, so gradients
 * of any order flow through it.
 *
 * Source: Karras et al. 2020, StyleGAN2-ADA, arXiv 2006.06676, appendix B. The defaults are the pipeline `bgc` of the authors' code; set
 * `filter`, `noise` and `cutout` to 1 for `bgcfnc`.
 */
export const adaptiveAugment = defineComponent(component);
