/**
 * Learned queries that read a set: M vectors of their own cross-attend to all tokens, whatever their number and order:
 * y = softmax(q k^T / sqrt(D)) v, q = W_q e, e learned. Each finds its part of an image; their weights are its map.
 * Shapes: x [B, N, C] -> [B, M, C], e [M, C].
 * Cost: 2 N C^2 + 2 M N C multiply-adds, M N weights for each head.
 * Source: Carion et al. 2020, DETR, arXiv 2005.12872, section 3.2 (object queries).
 * Differs from source: one layer of cross-attention; self-attention between queries and feed-forwards belong to a decoder.
 */
import type { Context } from "@ganymede/core";
import { defineLayer, defineSetAttention, expectShape, fold, normal } from "@ganymede/core";
import { record, whole } from "@ganymede/core/config";
import { observeWeights } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { dotProductWeights } from "./parts/dot-product-weights.js";
import type { HeadParams } from "./parts/head-projections.js";
import { headProjections } from "./parts/head-projections.js";

export type SetQueriesParams = HeadParams & { readonly queries: tf.Tensor2D };

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
    const attend = (params: SetQueriesParams, x: tf.Tensor3D, context: Context) => {
      expectShape(x, ["B", "N", options.channels], "setQueries input");
      const asking = tf.tile(tf.expandDims(params.queries, 0), [x.shape[0], 1, 1]) as tf.Tensor3D; // [B, M, C]
      const { q, k, v } = heads.split(params, asking, context, x); // [B, H, M, D], [B, H, N, D] twice
      const weights = dotProductWeights(q, k); // [B, H, M, N]
      observeWeights(context, weights, { keyGrid: options.grid });
      return { y: heads.join(params, tf.matMul(weights, v) as tf.Tensor4D, context), weights };
    };
    const layer = defineLayer<SetQueriesParams, tf.Tensor3D, tf.Tensor3D>({
      init: (key) => ({ ...heads.init(key), queries: normal(fold(key, "queries"), [queries, options.channels]) }),
      apply: (params, x, context) => attend(params, x, context).y,
    });
    /** `attend` gives the weights [B, H, M, N] too. */
    return { ...layer, attend };
  },
});
