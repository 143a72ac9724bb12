/**
 * Linear attention: y = f(q) (f(k)^T v) / (f(q) sum_j f(k_j)), f(x) = elu(x) + 1. Products in another order: no weights are ever made,
 * and the cost is linear in the tokens. It is attention with a kernel of its own, not an approximation of softmax.
 * Shapes: x [B, N, C] -> [B, N, C].
 * Cost: 4 N C^2 + 2 N C D multiply-adds, D^2 numbers for each head instead of N^2.
 * Source: Katharopoulos et al. 2020, arXiv 2006.16236, section 3.
 * Differs from source: 1e-6 is added to f, so that the divisor is never zero for far negative queries.
 */
import { defineAttention, expectShape } from "@ganymede/core";
import { compose } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { headProjections } from "./parts/head-projections.js";
import { linearProduct, linearWeights } from "./parts/linear-product.js";
import { observeQueries } from "./parts/observe-query.js";

export { linearProduct } from "./parts/linear-product.js";

const feature = (x: tf.Tensor4D): tf.Tensor4D => tf.add(tf.elu(x), 1 + 1e-6);

export const linearAttention = defineAttention({
  id: "linear",
  source: "https://arxiv.org/abs/2006.16236",
  defaults: {},
  create(_, options) {
    const heads = headProjections(options, "linearAttention");
    return compose(heads.parts, (part, x: tf.Tensor3D, context): tf.Tensor3D => {
      expectShape(x, ["B", "N", options.channels], "linearAttention input");
      const { q, k, v } = heads.split(part, x); // [B, H, N, D] each
      observeQueries(context, q, options, (one) => linearWeights(feature(one), feature(k)));
      return heads.join(part, linearProduct(feature(q), feature(k), v));
    });
  },
});
