import type { Key } from "@ganymede/core";
import { fold, uniform } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

/** Products with the grey axis: its outer product with itself, and the cross product, each row-major. */
const along = Array<number>(9).fill(1 / 3);
const across = [0, -1, 1, 1, 0, -1, -1, 1, 0].map((value) => value / Math.sqrt(3));
const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/**
 * Turns the colours of an image about the grey axis: x `[B, H, W, 3]`, angles `[B]` in radians. R = cos I + (1 - cos) v v^T + sin [v]_x.
 *
 * Source: Rodrigues' formula; the axis as in Karras et al. 2020, StyleGAN2-ADA, arXiv 2006.06676, appendix B.
 */
export function rotateHue(x: tf.Tensor4D, angles: tf.Tensor1D): tf.Tensor4D {
  const [batch, height, width] = x.shape;
  const matrix = (values: readonly number[]) => tf.tensor3d([...values], [1, 3, 3]);
  const [cos, sin] = [tf.cos(angles), tf.sin(angles)].map((value) => tf.reshape(value, [-1, 1, 1]));
  const turn = tf.addN([
    tf.mul(matrix(identity), cos as tf.Tensor),
    tf.mul(matrix(along), tf.sub(1, cos as tf.Tensor)),
    tf.mul(matrix(across), sin as tf.Tensor),
  ]) as tf.Tensor3D; // [B, 3, 3]
  const turned = tf.matMul(tf.reshape(x, [batch, height * width, 3]) as tf.Tensor3D, turn, false, true);
  return tf.reshape(turned, x.shape);
}

/** Angles uniform in all directions for half of the images, the others as they are; grey images have no hue. */
export function hue(x: tf.Tensor4D, key: Key): tf.Tensor4D {
  const [batch, , , channels] = x.shape;
  if (channels === 1) return x;
  const chosen = tf.cast(tf.less(uniform(fold(key, "coin"), [batch]), 0.5), "float32");
  return rotateHue(x, tf.mul(uniform<tf.Rank.R1>(fold(key, "angle"), [batch], -Math.PI, Math.PI), chosen));
}
