import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../contracts/layer.js";
import { normal } from "../random/draw.js";
import { classEmbedding } from "./class-vectors.js";

/** Sizes of a class embedding. */
export interface ClassEmbeddingOptions {
  readonly classes: number;
  /** Width of the latent. */
  readonly width: number;
}

/**
 * Adds the embedding of each image's class to its latent: y = z + e_c, z `[B, width]`, with the labels `[B]` of the context. Its parameter
 * is the table `[classes, width]`, initialised from N(0, 1) like latents.
 *
 * @throws GanymedeError `invalid-argument` without labels.
 */
export const addClassEmbedding = ({ classes, width }: ClassEmbeddingOptions) =>
  defineLayer<tf.Tensor2D, tf.Tensor2D, tf.Tensor2D>({
    init: (key) => normal<tf.Rank.R2>(key, [classes, width]),
    apply: (table, z, context) => tf.add(z, classEmbedding(table, context, "addClassEmbedding")),
  });
