/**
 * Performer's attention (FAVOR+): softmax attention estimated with positive random features, y = f(q) (f(k)^T v) / (f(q) sum f(k)),
 * f(x) = m^(-1/2) (exp(P x D^(-1/4) - |x|^2 / (2 sqrt(D)) - max) + epsilon), P of m orthogonal Gaussian rows. Unbiased up to epsilon;
 * the error falls with m.
 * Shapes: x [B, N, C] -> [B, N, C], P [m, D].
 * Cost: 4 N C^2 + 4 N m C multiply-adds, N m features for each head.
 * Source: Choromanski et al. 2021, arXiv 2009.14794, section 2.3; lucidrains/performer-pytorch for max and epsilon.
 * Differs from source: P is a function of `seed` and constant; the source draws another every 1000 steps of training: pass another seed.
 */
import { defineAttention, expectShape } from "@ganymede/core";
import { nullable, real, record, whole } from "@ganymede/core/config";
import { compose } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { headProjections } from "./parts/head-projections.js";
import { linearProduct, linearWeights } from "./parts/linear-product.js";
import { observeQueries } from "./parts/observe-query.js";
import { orthogonalFeatures } from "./parts/orthogonal-features.js";
import { stopGradient } from "./parts/stop-gradient.js";

export { orthogonalFeatures } from "./parts/orthogonal-features.js";

/** Features of queries: x [B, H, N, D], projection [m, D] -> [B, H, N, m]; the largest of each token's exponents is taken away. */
export function queryFeatures(x: tf.Tensor4D, projection: tf.Tensor2D, epsilon = 1e-4): tf.Tensor4D {
  return features(x, projection, [3], epsilon);
}

/** Features of keys: as of queries, but one maximum for all tokens, which cancels. */
export function keyFeatures(x: tf.Tensor4D, projection: tf.Tensor2D, epsilon = 1e-4): tf.Tensor4D {
  return features(x, projection, [2, 3], epsilon);
}

function features(x: tf.Tensor4D, projection: tf.Tensor2D, axes: number[], epsilon: number): tf.Tensor4D {
  const [batch, heads, tokens, width] = x.shape;
  const count = projection.shape[0];
  const rows = tf.reshape<tf.Rank.R2>(tf.mul(x, width ** -0.25), [-1, width]);
  const along = tf.reshape(tf.matMul(rows, projection, false, true), [batch, heads, tokens, count]);
  const half = tf.mul(tf.sum(tf.square(x), 3, true), 0.5 / Math.sqrt(width)); // [B, H, N, 1]
  const largest = stopGradient(tf.max(along, axes, true));
  return tf.mul(tf.add(tf.exp(tf.sub(tf.sub(along, half), largest)), epsilon), count ** -0.5);
}

export const performer = defineAttention({
  id: "performer",
  source: "https://arxiv.org/abs/2009.14794",
  defaults: { features: null, seed: 0, epsilon: 1e-4 },
  settings: record({
    /** Number of features m; null for floor(D ln D), at least 1. Default: null. */
    features: nullable(whole()),
    /** Seed of the directions. Default: 0. */
    seed: whole(0),
    /** Added to every feature, so that no sum is zero, which many features must outweigh. Default: 1e-4. */
    epsilon: real({ least: 0 }),
  }),
  create({ features: count, seed, epsilon }, options) {
    const heads = headProjections(options, "performer");
    const number = count ?? Math.max(1, Math.floor(heads.width * Math.log(heads.width)));
    const directions = orthogonalFeatures(seed, number, heads.width);
    return compose(heads.parts, (part, x: tf.Tensor3D, context): tf.Tensor3D => {
      expectShape(x, ["B", "N", options.channels], "performer input");
      const { q, k, v } = heads.split(part, x); // [B, H, N, D] each
      const projection = tf.tensor2d(directions, [number, heads.width]);
      const keys = keyFeatures(k, projection, epsilon); // [B, H, N, m]
      observeQueries(context, q, options, (one) => linearWeights(queryFeatures(one, projection, epsilon), keys));
      return heads.join(part, linearProduct(queryFeatures(q, projection, epsilon), keys, v));
    });
  },
});
