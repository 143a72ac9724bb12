/**
 * Attention with shared queries and keys: y = softmax(q k^T / sqrt(D)) v, where keys are the queries at unit length and a token sees
 * itself only where there is no other. What hashed attention (`lsh`) approximates, exactly.
 * Shapes: x [B, N, C] -> [B, N, C].
 * Cost: 3 N C^2 + 2 N^2 C multiply-adds, N^2 weights for each head.
 * Source: Kitaev, Kaiser and Levskaya 2020, Reformer, arXiv 2001.04451, section 2; lucidrains/reformer-pytorch.
 * Differs from source: none.
 */
import { defineAttention, expectShape } from "@ganymede/core";
import { flag, real, record } from "@ganymede/core/config";
import { compose, headWidthOf, mergeHeads, observeWeights, linear as plainLinear, splitHeads } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { unitLength } from "./parts/unit-length.js";

export interface SharedSettings {
  /** Whether a token sees only those before it, and itself. Default: false. */
  readonly causal?: boolean;
  /** A token's logit for itself. Default: -5e4. */
  readonly selfLogit?: number;
}

/** qk [B, H, N, D] -> weights [B, H, N, N]. */
export function sharedWeights(qk: tf.Tensor4D, { causal = false, selfLogit = -5e4 }: SharedSettings = {}): tf.Tensor4D {
  const [, , tokens, width] = qk.shape;
  const k = unitLength(qk);
  let logits = tf.mul<tf.Tensor4D>(tf.matMul(qk, k, false, true), width ** -0.5); // [B, H, N, N]
  const places = tf.range(0, tokens);
  const [rows, columns] = [tf.reshape(places, [tokens, 1]), places];
  const filled = (value: number): tf.Tensor4D => tf.fill(logits.shape, value);
  if (causal) logits = tf.where(tf.less(rows, columns), filled(-3.4028234663852886e38), logits);
  return tf.softmax(tf.where(tf.equal(rows, columns), filled(selfLogit), logits));
}

export const fullQk = defineAttention({
  id: "full-qk",
  source: "https://arxiv.org/abs/2001.04451",
  defaults: { causal: false, selfLogit: -5e4 },
  settings: record({
    /** Whether a token sees only those before it, and itself. Default: false. */
    causal: flag,
    /** A token's logit for itself. Default: -5e4. */
    selfLogit: real(),
  }),
  create(settings, options) {
    const { channels, heads, linear = plainLinear } = options;
    const inner = heads * headWidthOf(options, "fullQk");
    const project = linear({ inputs: channels, outputs: inner, bias: false });
    const parts = { query: project, value: project, output: linear({ inputs: inner, outputs: channels }) };
    return compose(parts, (part, x: tf.Tensor3D, context): tf.Tensor3D => {
      expectShape(x, ["B", "N", channels], "fullQk input");
      const weights = sharedWeights(splitHeads(part.query(x), heads), settings); // [B, H, N, N]
      observeWeights(context, weights, { queryGrid: options.grid, keyGrid: options.grid });
      return part.output(mergeHeads(tf.matMul(weights, splitHeads(part.value(x), heads))));
    });
  },
});
