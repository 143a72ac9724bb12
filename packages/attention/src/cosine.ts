/**
 * Cosine attention: y = softmax(q k^T / (|q| |k| tau)) v, per head, with a learned temperature tau >= 0.01 for each. Logits are
 * bounded by 1 / tau however large the activations grow, so attention cannot collapse onto one token by magnitude alone.
 * Shapes: x [B, N, C] -> [B, N, C]; H heads of width D = C / H; tau [H], kept as log(1 / tau), starts at 0.1.
 * Cost: as dot products.
 * Source: Liu et al. 2022, Swin V2, arXiv 2111.09883, section 3.2.
 * Differs from source: positions are left out; the authors' network of log-spaced offsets is no part of the scores.
 */
import { defineAttention, expectShape } from "@ganymede/core";
import { compose, learned, observeWeights, unitNorm } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { headProjections } from "./parts/head-projections.js";

/** softmax(cos(q, k) exp(sharpness)): queries and keys [B, H, N, D], sharpness [H] = log(1 / tau) -> [B, H, N, N]. */
export function cosineWeights(queries: tf.Tensor4D, keys: tf.Tensor4D, sharpness: tf.Tensor1D): tf.Tensor4D {
  const cosines = tf.matMul(unitNorm(queries), unitNorm(keys), false, true); // [B, H, N, N]
  const factors = tf.exp(tf.minimum(sharpness, Math.log(100))); // tau >= 0.01
  return tf.softmax<tf.Tensor4D>(tf.mul(cosines, tf.reshape(factors, [1, -1, 1, 1])));
}

export const cosine = defineAttention({
  id: "cosine",
  source: "https://arxiv.org/abs/2111.09883",
  defaults: {},
  create(_, options) {
    const heads = headProjections(options, "cosine");
    const parts = { ...heads.parts, sharpness: learned(() => tf.fill<tf.Rank.R1>([options.heads], Math.log(10))) };
    return compose(parts, (part, x: tf.Tensor3D, context): tf.Tensor3D => {
      expectShape(x, ["B", "N", options.channels], "cosine input");
      const { q, k, v } = heads.split(part, x); // [B, H, N, D] each
      const weights = cosineWeights(q, k, part.sharpness); // [B, H, N, N]
      observeWeights(context, weights, { queryGrid: options.grid, keyGrid: options.grid });
      return heads.join(part, tf.matMul(weights, v));
    });
  },
});
