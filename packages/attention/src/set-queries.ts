/**
 * Learned queries that read a set: M vectors of their own cross-attend to all tokens, whatever their number and order:
 * y = softmax(q k^T / sqrt(D)) v, q = W_q e, e learned. Each finds its part of an image; their weights are its map.
 * Shapes: x [B, N, C] -> [B, M, C], e [M, C].
 * Cost: 2 N C^2 + 2 M N C multiply-adds, M N weights for each head.
 * Source: Carion et al. 2020, DETR, arXiv 2005.12872, section 3.2 (object queries).
 * Differs from source: one layer of cross-attention; self-attention between queries and feed-forwards belong to a decoder.
 */
import { defineSetAttention, expectShape, normal } from "@ganymede/core";
import { record, whole } from "@ganymede/core/config";
import { compose, learned, observeWeights } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { dotProductWeights } from "./parts/dot-product-weights.js";
import { headProjections } from "./parts/head-projections.js";

export const setQueries = defineSetAttention({
  id: "set-queries",
  source: "https://arxiv.org/abs/2005.12872",
  defaults: { queries: 16 },
  settings: record({
    /** Number of queries M. Default: 16. */
    queries: whole(),
  }),
  create({ queries }, options) {
    const heads = headProjections({ ...options, memoryChannels: options.channels }, "setQueries");
    const asking = learned((key) => normal<tf.Rank.R2>(key, [queries, options.channels]));
    return compose({ ...heads.parts, queries: asking }, (part, x: tf.Tensor3D, context): tf.Tensor3D => {
      expectShape(x, ["B", "N", options.channels], "setQueries input");
      const tokens = tf.tile<tf.Tensor3D>(tf.expandDims(part.queries, 0), [x.shape[0], 1, 1]); // [B, M, C]
      const { q, k, v } = heads.split(part, tokens, x); // [B, H, M, D], [B, H, N, D] twice
      const weights = dotProductWeights(q, k); // [B, H, M, N]
      observeWeights(context, weights, { keyGrid: options.grid });
      return heads.join(part, tf.matMul(weights, v));
    });
  },
});
