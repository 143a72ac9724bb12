import type { Key, ParamTree } from "@ganymede/core";
import { fold, integers, normal } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { conditions } from "./real-images.js";
import type { StepParts } from "./step-parts.js";

/** What images are made from. */
export interface Latents {
  readonly z: tf.Tensor2D;
  /** Uniform over the classes; undefined for a model without. */
  readonly labels: tf.Tensor1D | undefined;
}

/** z ~ N(0, I) and, where the model has classes, y ~ U{0, ..., classes - 1}. */
export function drawLatents<G extends ParamTree, D extends ParamTree>(
  { model }: StepParts<G, D>,
  key: Key,
  count: number,
): Latents {
  const z = normal<tf.Rank.R2>(fold(key, "z"), [count, model.latentSize]);
  const { classes } = model;
  return { z, labels: classes === undefined ? undefined : integers(fold(key, "labels"), [count], 0, classes) };
}

/** Images of latents in training mode. */
export function generate<G extends ParamTree, D extends ParamTree>(
  { model }: StepParts<G, D>,
  weights: G,
  { z, labels }: Latents,
  key: Key,
  step: tf.Scalar,
  update?: (statistic: tf.Tensor, next: tf.Tensor) => void,
): tf.Tensor4D {
  return model.generator.apply(weights, z, {
    mode: "training",
    key: fold(key, "generator"),
    ...conditions(labels, step),
    ...(update !== undefined && { update }),
  });
}

/** The same latents moved by noise: z + deviation * N(0, I). */
export function nearby({ z, labels }: Latents, key: Key, deviation: number): Latents {
  return { z: tf.add(z, tf.mul(normal<tf.Rank.R2>(fold(key, "nearby"), z.shape), deviation)), labels };
}
