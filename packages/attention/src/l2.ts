/**
 * L2 attention: y = softmax(-|q_i - q_j|^2 / sqrt(D)) v, per head, then one linear map of the heads together. Queries and keys are
 * one projection, which bounds the layer's Lipschitz constant among tokens of bounded length, as they are behind a norm: what a
 * discriminator needs and dot products do not give. `l2-lipschitz` is bounded everywhere.
 * Shapes: x [B, N, C] -> [B, N, C]; H heads of width D = C / H. The projections have no bias, the output has one.
 * Cost: as dot products, with one projection less.
 * Source: Kim, Papamakarios and Mnih 2021, arXiv 2006.04710, section 3; as used by ViTGAN, arXiv 2107.04589, section 3.1.
 * Differs from source: ViTGAN prints no minus sign, which would favour the farthest token; Kim's extra factor on the value path,
 * which ViTGAN leaves out, is left out; queries start smaller than values, so that distances start around 1.
 */
import { defineAttention, expectShape } from "@ganymede/core";
import { compose, observeWeights } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { l2Weights } from "./parts/l2-weights.js";
import { headColumns, largestMeanDistance, spectralLength } from "./parts/lipschitz.js";
import { tiedProjections } from "./parts/tied-projections.js";

export { l2Weights } from "./parts/l2-weights.js";

export const l2 = defineAttention({
  id: "l2",
  source: "https://arxiv.org/abs/2006.04710",
  defaults: {},
  create(_, options) {
    const heads = tiedProjections(options, "l2");
    return compose(heads.parts, (part, x: tf.Tensor3D, context): tf.Tensor3D => {
      expectShape(x, ["B", "N", options.channels], "l2 input");
      const { q, v } = heads.split(part, x); // [B, H, N, D], queries and keys, and values
      const weights = l2Weights(q); // [B, H, N, N]
      observeWeights(context, weights, { queryGrid: options.grid, keyGrid: options.grid });
      return heads.join(part, tf.matMul(weights, v));
    });
  },
});

/** Weights as the linear maps apply them: `linear`'s own, or those of another factory times its scale. */
export interface L2Weights {
  readonly query: { readonly weight: tf.Tensor2D };
  readonly value: { readonly weight: tf.Tensor2D };
  readonly output: { readonly weight: tf.Tensor2D };
}

/**
 * An upper bound of |f(x) - f(y)| / |x - y| for any x, y of N tokens no longer than `radius` each, Frobenius norms:
 * |W_O| sqrt(sum_h b_h^2), b_h = |V_h| (sqrt(N) + 2 radius |Q_h| (1 + sqrt(N)) sqrt(p / sqrt(D))), with spectral norms and p the
 * largest mean distance under the softmax. The first term is the mean of values, the second the covariance of values and distances
 * under the weights, by Cauchy and Schwarz. Reads the weights back: for tests and reports, not for a step.
 */
export function l2LipschitzBound(
  { query, value, output }: L2Weights,
  { tokens, heads, radius }: { readonly tokens: number; readonly heads: number; readonly radius: number },
): number {
  const spread = Math.sqrt(largestMeanDistance(tokens - 1) / Math.sqrt(query.weight.shape[1] / heads));
  const root = Math.sqrt(tokens);
  const squares = Array.from({ length: heads }, (_, head) => {
    const q = spectralLength(headColumns(query.weight, head, heads));
    const v = spectralLength(headColumns(value.weight, head, heads));
    return (v * (root + 2 * radius * q * (1 + root) * spread)) ** 2;
  });
  return spectralLength(output.weight) * Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
}
