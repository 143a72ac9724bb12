/**
 * Linformer's attention: keys and values are mixed along the tokens into k rows by learned matrices, then attended to exactly:
 * y = softmax(q (E_k k)^T / sqrt(D)) (E_v v). Right where attention has low rank; for one number of tokens, that of the options' grid.
 * Shapes: x [B, N, C] -> [B, N, C], N = rows columns; E_k, E_v [k, N], shared by the heads.
 * Cost: 4 N C^2 + 4 N k C multiply-adds, N k weights for each head.
 * Source: Wang et al. 2020, arXiv 2006.04768, section 4; lucidrains/linformer for k = 256 and initial values of +-1 / sqrt(k).
 * Differs from source: none.
 */
import { defineAttention, expectShape, uniform } from "@ganymede/core";
import { record, whole } from "@ganymede/core/config";
import { compose, learned } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { dotProductWeights } from "./parts/dot-product-weights.js";
import { headProjections } from "./parts/head-projections.js";
import { gridOf } from "./parts/logit-bias.js";
import { observeQueries } from "./parts/observe-query.js";

export const linformer = defineAttention({
  id: "linformer",
  source: "https://arxiv.org/abs/2006.04768",
  defaults: { rank: 256 },
  settings: record({
    /** Rows k that keys and values are mixed into, never more than the tokens. Default: 256. */
    rank: whole(),
  }),
  create({ rank }, options) {
    const [rows, columns] = gridOf(options, "linformer");
    const tokens = rows * columns;
    const mixed = Math.min(rank, tokens);
    const heads = headProjections(options, "linformer");
    const limit = mixed ** -0.5;
    const mix = (matrix: tf.Tensor2D, x: tf.Tensor4D): tf.Tensor4D => {
      const [batch, count, , width] = x.shape;
      // [N, B H D], so that one product mixes all.
      const lines = tf.reshape<tf.Rank.R2>(tf.transpose(x, [2, 0, 1, 3]), [tokens, batch * count * width]);
      return tf.transpose(tf.reshape(tf.matMul(matrix, lines), [mixed, batch, count, width]), [1, 2, 0, 3]);
    };
    const mixing = learned((key) => uniform<tf.Rank.R2>(key, [mixed, tokens], -limit, limit));
    const parts = { ...heads.parts, mixKeys: mixing, mixValues: mixing };
    return compose(parts, (part, x: tf.Tensor3D, context): tf.Tensor3D => {
      expectShape(x, ["B", tokens, options.channels], "linformer input");
      const { q, k, v } = heads.split(part, x); // [B, H, N, D] each
      const keys = mix(part.mixKeys, k); // [B, H, k, D]
      const weights = dotProductWeights(q, keys); // [B, H, N, k]
      observeQueries(context, q, options, (one) => {
        const rows = tf.reshape<tf.Rank.R2>(dotProductWeights(one, keys), [-1, mixed]); // [B H, k]
        return tf.matMul(rows, part.mixValues); // how much each token's value counts, which may be negative
      });
      return heads.join(part, tf.matMul(weights, mix(part.mixValues, v)));
    });
  },
});
