import type { Key } from "@ganymede/core";
import { fold, integers, uniform } from "@ganymede/core";
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
