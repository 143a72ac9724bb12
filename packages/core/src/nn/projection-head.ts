import * as tf from "@tensorflow/tfjs-core";
import { normal } from "../random/draw.js";
import type { Key } from "../random/key.js";
import { classEmbedding } from "./class-vectors.js";
import { compose, learned } from "./compose.js";
import type { LinearFactory } from "./linear.js";
import { linear as plainLinear } from "./linear.js";

/** Sizes and gain of a projection head. */
export interface ProjectionHeadOptions {
  /** Width D of the features. */
  readonly inputs: number;
  /** Logits K per feature vector. Default: 1. */
  readonly outputs?: number;
  /** Number of classes; 0 for no projection. Default: 0. */
  readonly classes?: number;
  /** Factor of the projection. Default: 1. */
  readonly gain?: number;
  /** Factory of the linear layer. Default: `linear`. */
  readonly linear?: LinearFactory;
  /** Initial class embeddings. Default: N(0, 0.02^2). */
  readonly start?: (key: Key, shape: [classes: number, inputs: number]) => tf.Tensor2D;
}

const narrow = (key: Key, shape: [number, number]) => normal<tf.Rank.R2>(key, shape, 0, 0.02);

/**
 * Projection discriminator head: y = x W + b + gain <x, e_c>, with e_c the embedding of the image's class c; x W + b without classes.
 *
 * Shapes: x `[B, ..., inputs]` to `[B, ..., outputs]`; with classes the context has labels `[B]`.
 * Source: Miyato and Koyama 2018, arXiv 1802.05637, section 3.
 *
 * @throws GanymedeError `invalid-argument` without labels.
 */
export function projectionHead(options: ProjectionHeadOptions) {
  const { inputs, outputs = 1, classes = 0, gain = 1, linear = plainLinear, start = narrow } = options;
  const parts = {
    linear: linear({ inputs, outputs }),
    classes: classes === 0 ? undefined : learned((key) => ({ weight: start(key, [classes, inputs]) })),
  };
  return compose(parts, (part, x: tf.Tensor, context): tf.Tensor => {
    const logits = part.linear(x);
    if (part.classes === undefined) return logits;
    const vectors = classEmbedding(part.classes.weight, context, "projectionHead");
    const shape = [x.shape[0] as number, ...x.shape.slice(1, -1).map(() => 1), inputs];
    const along = tf.sum(tf.mul(x, tf.reshape(vectors, shape)), -1, true); // [B, ..., 1]
    return tf.add(logits, gain === 1 ? along : tf.mul(along, gain));
  });
}
