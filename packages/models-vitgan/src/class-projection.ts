import type { Context, Key } from "@ganymede/core";
import { fold, normal } from "@ganymede/core";
import { classVectors } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

/** Vectors of classes; nothing where there are none. */
export type ClassParams = { readonly classes?: tf.Tensor2D };

/** Vectors `[classes, width]` from N(0, deviation^2); nothing for 0 classes. */
export function initClasses(key: Key, classes: number, width: number, deviation: number): ClassParams {
  return classes === 0 ? {} : { classes: normal<tf.Rank.R2>(fold(key, "classes"), [classes, width], 0, deviation) };
}

/** z and the vector of its class: `[B, D]`. */
export function withClass(z: tf.Tensor2D, { classes }: ClassParams, context: Context): tf.Tensor2D {
  return classes === undefined ? z : tf.add(z, classVectors(classes, context, "vitgan generator"));
}

/**
 * The projection, added to a logit: <h, vector of the image's class> of features h `[B, D]`.
 *
 * Source: Miyato and Koyama 2018, arXiv 1802.05637, section 3.
 */
export function projected(
  logits: tf.Tensor1D,
  features: tf.Tensor2D,
  { classes }: ClassParams,
  context: Context,
): tf.Tensor1D {
  if (classes === undefined) return logits;
  return tf.add(logits, tf.sum(tf.mul(features, classVectors(classes, context, "vitgan discriminator")), 1));
}
