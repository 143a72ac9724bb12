/**
 * Efficient attention: scaled dot-product attention, y = softmax(q k^T / sqrt(D)) v, exactly, with memory that grows linearly with
 * the tokens: logits exist one tile of queries at a time, and the backward pass computes them again.
 * Shapes: x [B, N, C] -> [B, N, C]; H heads of width D = C / H. The parameters are those of `dot-product`.
 * Cost: 4 N C^2 + 2 N^2 C multiply-adds for each sample forward, one N^2 C more backward than the plain form; 4 MB of
 * logits at a time in the compiled engine, 16 MB elsewhere.
 * Source: Rabe and Staats 2021, arXiv 2112.05682, section 3; Dao et al. 2022, arXiv 2205.14135, section 3.1.
 * Differs from source: tiles of queries against all keys, so no running maximum is needed.
 */
import { defineAttention, expectShape } from "@ganymede/core";
import { compose } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { dotProductWeights } from "./parts/dot-product-weights.js";
import { headProjections } from "./parts/head-projections.js";
import { observeQueries } from "./parts/observe-query.js";
import { tiledSoftmaxProduct } from "./parts/tiled-softmax.js";

export const efficient = defineAttention({
  id: "efficient",
  source: "https://arxiv.org/abs/2112.05682",
  defaults: {},
  create(_, options) {
    const heads = headProjections(options, "efficient");
    return compose(heads.parts, (part, x: tf.Tensor3D, context): tf.Tensor3D => {
      expectShape(x, ["B", "N", options.channels], "efficient input");
      const { q, k, v } = heads.split(part, x); // [B, H, N, D] each
      const [batch, count, tokens, width] = q.shape;
      const bias = tf.zeros<tf.Rank.R4>([batch, count, 1, tokens]);
      observeQueries(context, q, options, (one) => dotProductWeights(one, k));
      return heads.join(part, tiledSoftmaxProduct(tf.mul(q, 1 / Math.sqrt(width)), k, v, bias));
    });
  },
});
