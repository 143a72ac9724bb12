/**
 * Scaled dot-product attention: y = softmax(q k^T / sqrt(D)) v, per head, then one linear map of the heads together.
 * Shapes: x [B, N, C] -> [B, N, C]; H heads of width D = C / H. Queries, keys and values have no bias, the output has one.
 * Source: Vaswani et al. 2017, arXiv 1706.03762, section 3.2.
 */
import { defineAttention, defineLayer, expectShape, fold } from "@ganymede/core";
import { headWidthOf, mergeHeads, linear as plainLinear, splitHeads } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

/** softmax(q k^T / sqrt(D)): queries and keys [B, H, N, D] -> [B, H, N, N]. */
export function dotProductWeights(queries: tf.Tensor4D, keys: tf.Tensor4D): tf.Tensor4D {
  const scale = 1 / Math.sqrt(queries.shape[3]);
  return tf.softmax(tf.matMul(tf.mul(queries, scale), keys, false, true) as tf.Tensor4D);
}

export const dotProductAttention = defineAttention({
  id: "dot-product",
  source: "https://arxiv.org/abs/1706.03762",
  create(options) {
    const { channels, heads, linear = plainLinear } = options;
    const inner = heads * headWidthOf(options, "dotProductAttention");
    const project = () => linear({ inputs: channels, outputs: inner, bias: false });
    const [query, keys, value] = [project(), project(), project()];
    const output = linear({ inputs: inner, outputs: channels });
    return defineLayer({
      init: (key) => ({
        query: query.init(fold(key, "query")),
        keys: keys.init(fold(key, "keys")),
        value: value.init(fold(key, "value")),
        output: output.init(fold(key, "output")),
      }),
      apply(params, x: tf.Tensor3D) {
        expectShape(x, ["B", "N", channels], "dotProductAttention input");
        const q = splitHeads(query.apply(params.query, x), heads); // [B, H, N, D]
        const k = splitHeads(keys.apply(params.keys, x), heads); // [B, H, N, D]
        const v = splitHeads(value.apply(params.value, x), heads); // [B, H, N, D]
        return output.apply(params.output, mergeHeads(tf.matMul(dotProductWeights(q, k), v)));
      },
    });
  },
});
