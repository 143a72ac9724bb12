import type { Conditions, LabelledImages } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

/** Images, with or without classes. */
export type RealImages = tf.Tensor4D | LabelledImages;

/** Labels as an optional member. */
export const withLabels = (labels: tf.Tensor1D | undefined): { readonly labels?: tf.Tensor1D } =>
  labels === undefined ? {} : { labels };

/**
 * The images, with classes if and only if the model has classes.
 *
 * @throws GanymedeError `invalid-argument` if a model with classes gets images without classes.
 */
export function labelled(real: RealImages, classes: number | undefined): LabelledImages {
  const { images, labels } = real instanceof tf.Tensor ? { images: real } : real;
  if (classes === undefined) return { images };
  if (labels === undefined) {
    throw new GanymedeError(
      "invalid-argument",
      `training: a model of ${classes} classes needs the class of every real image, got images only; pass { images, labels }`,
    );
  }
  return { images, labels };
}

/** Part `index` of `count` equal parts. */
export function partOf({ images, labels }: LabelledImages, index: number, count: number): LabelledImages {
  if (count === 1) return { images, ...withLabels(labels) };
  const size = images.shape[0] / count;
  const part = tf.slice(images, [index * size, 0, 0, 0], [size, -1, -1, -1]);
  return { images: part, ...withLabels(labels && (tf.slice1d(labels, index * size, size) as tf.Tensor1D)) };
}

/** Conditions of a context for images with these classes. */
export function conditions(labels: tf.Tensor1D | undefined, step: tf.Scalar): Conditions {
  return { ...withLabels(labels), step };
}
