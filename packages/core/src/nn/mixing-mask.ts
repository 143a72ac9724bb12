import * as tf from "@tensorflow/tfjs-core";
import { integers, uniform } from "../random/draw.js";
import type { Key } from "../random/key.js";
import { fold } from "../random/key.js";

/**
 * Style mixing mask `[B, count]`: 1 where a sample uses the style of another one, from a random cut in [1, count) on, else 0; all zeros for
 * samples that do not mix.
 *
 * Source: Karras et al. 2019, StyleGAN, arXiv 1812.04948, section 3.1.
 */
export function mixingMask(key: Key, batch: number, count: number, probability: number): tf.Tensor2D {
  const mixes = tf.less(uniform(fold(key, "mixes"), [batch, 1], 0, 1), probability);
  const cuts = integers(fold(key, "cut"), [batch, 1], 1, Math.max(count, 2));
  const beyond = tf.greaterEqual(tf.range(0, count, 1, "int32"), cuts);
  return tf.cast(tf.logicalAnd(mixes, beyond), "float32") as tf.Tensor2D;
}
