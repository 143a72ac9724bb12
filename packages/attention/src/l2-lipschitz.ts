/**
 * L2 attention that is Lipschitz everywhere: y = softmax(-|q_i - q_j|^2 / sqrt(D)) u, where the values u = q W_Q^T W_V / sqrt(D) are a
 * function of the queries alone, so that what a token cannot see of another cannot reach it either.
 * Shapes: x [B, N, C] -> [B, N, C]; H heads of width D = C / H. The projections have no bias, the output has one.
 * Cost: as L2 attention, and 2 H C D^2 for the products of weights.
 * Source: Kim, Papamakarios and Mnih 2021, arXiv 2006.04710, section 3.2 (with W_Q = W_K).
 * Differs from source: none; the bound is derived below for these values, with the paper's lemma on the largest mean distance.
 */
import { defineAttention, expectShape } from "@ganymede/core";
import type { LinearParams } from "@ganymede/core/nn";
import {
  compose,
  headWidthOf,
  learned,
  linear,
  linearMap,
  mergeHeads,
  observeWeights,
  splitHeads,
} from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { l2Weights } from "./parts/l2-weights.js";
import { headColumns, largestMeanDistance, spectralLength } from "./parts/lipschitz.js";

export type LipschitzL2Params = {
  readonly query: LinearParams;
  readonly value: LinearParams;
  readonly output: LinearParams;
};

/** A weight [C, H D] as one matrix for each head, [H, C, D]. */
function headMatrices(weight: tf.Tensor2D, heads: number): tf.Tensor3D {
  const [inputs, inner] = weight.shape;
  return tf.transpose(tf.reshape(weight, [inputs, heads, inner / heads]), [1, 0, 2]);
}

export const lipschitzL2 = defineAttention({
  id: "l2-lipschitz",
  source: "https://arxiv.org/abs/2006.04710",
  defaults: {},
  create(_, options) {
    const { channels, heads } = options;
    const width = headWidthOf(options, "lipschitzL2");
    const project = linear({ inputs: channels, outputs: heads * width, bias: false });
    const weight = learned((key) => project.init(key));
    const parts = { query: weight, value: weight, output: linear({ inputs: heads * width, outputs: channels }) };
    return compose(parts, (part, x: tf.Tensor3D, context): tf.Tensor3D => {
      expectShape(x, ["B", "N", channels], "lipschitzL2 input");
      const q = splitHeads(linearMap(x, part.query.weight), heads); // [B, H, N, D]
      const [w, v] = [headMatrices(part.query.weight, heads), headMatrices(part.value.weight, heads)];
      const inward = tf.mul(tf.matMul(w, v, true, false), 1 / Math.sqrt(width)); // [H, D, D]
      const weights = l2Weights(q); // [B, H, N, N]
      observeWeights(context, weights, { queryGrid: options.grid, keyGrid: options.grid });
      const mixed = tf.matMul(weights, q); // [B, H, N, D]
      return part.output(mergeHeads(tf.matMul(mixed, tf.expandDims(inward, 0))));
    });
  },
});

/**
 * An upper bound of |f(x) - f(y)| / |x - y| for any x, y of N tokens, Frobenius norms:
 * |W_O| sqrt(N) (1 + 4 p) sqrt(sum_h (|Q_h| |Q_h^T V_h| / sqrt(D))^2), p the largest mean distance under the softmax.
 */
export function lipschitzL2Bound(
  { query, value, output }: LipschitzL2Params,
  { tokens, heads }: { readonly tokens: number; readonly heads: number },
): number {
  const width = query.weight.shape[1] / heads;
  const squares = Array.from({ length: heads }, (_, head) => {
    const q = headColumns(query.weight, head, heads);
    const inward = tf.matMul(q, headColumns(value.weight, head, heads), true, false) as tf.Tensor2D;
    return (spectralLength(q) * spectralLength(inward)) ** 2 / width;
  });
  const sum = squares.reduce((total, square) => total + square, 0);
  return spectralLength(output.weight) * Math.sqrt(tokens * sum) * (1 + 4 * largestMeanDistance(tokens - 1));
}
