/**
 * L2 attention: y = softmax(-|q_i - q_j|^2 / sqrt(D)) v, per head, then one linear map of the heads together. Queries and keys are
 * one projection, which bounds the layer's Lipschitz constant: what a discriminator needs and dot products do not give.
 * Shapes: x [B, N, C] -> [B, N, C]; H heads of width D = C / H. The projections have no bias, the output has one.
 * Source: Kim, Papamakarios and Mnih 2021, arXiv 2006.04710, section 3; as used by ViTGAN, arXiv 2107.04589, section 3.1.
 * Differs from source: ViTGAN prints no minus sign, which would favour the farthest token; Kim's extra factor on the value path,
 * which ViTGAN leaves out, is left out; queries start smaller than values, see `atUnitDistance`.
 */
import { defineAttention, defineLayer, expectShape, fold } from "@ganymede/core";
import { headWidthOf, mergeHeads, linear as plainLinear, splitHeads } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

/**
 * softmax_j(-|q_i - q_j|^2 / sqrt(D)): q [B, H, N, D] -> [B, H, N, N]. The term |q_i|^2 is the same for all j, so it cancels and
 * 2 q_i.q_j - |q_j|^2 remains.
 */
export function l2Weights(q: tf.Tensor4D): tf.Tensor4D {
  const [batch, heads, tokens, width] = q.shape;
  const scale = 1 / Math.sqrt(width);
  const products = tf.matMul(tf.mul(q, 2 * scale), q, false, true); // [B, H, N, N]
  const lengths = tf.mul(tf.sum(tf.square(q), 3), scale); // [B, H, N]
  return tf.softmax(tf.sub(products, tf.reshape(lengths, [batch, heads, 1, tokens])) as tf.Tensor4D);
}

/**
 * Queries of unit variance lie |q_i - q_j|^2 / sqrt(D) = 2 sqrt(D) apart, 16 for D = 64: each token would see itself alone, and the
 * gradient through all others would vanish. Times (4 D)^(-1/4) the distances start around 1.
 */
function atUnitDistance<Params extends { readonly weight: tf.Tensor2D }>(params: Params, headWidth: number): Params {
  return { ...params, weight: tf.mul(params.weight, (4 * headWidth) ** -0.25) };
}

export const l2Attention = defineAttention({
  id: "l2",
  source: "https://arxiv.org/abs/2006.04710",
  create(options) {
    const { channels, heads, linear = plainLinear } = options;
    const headWidth = headWidthOf(options, "l2Attention");
    const inner = heads * headWidth;
    const query = linear({ inputs: channels, outputs: inner, bias: false });
    const value = linear({ inputs: channels, outputs: inner, bias: false });
    const output = linear({ inputs: inner, outputs: channels });
    return defineLayer({
      init: (key) => ({
        query: atUnitDistance(query.init(fold(key, "query")), headWidth),
        value: value.init(fold(key, "value")),
        output: output.init(fold(key, "output")),
      }),
      apply(params, x: tf.Tensor3D) {
        expectShape(x, ["B", "N", channels], "l2Attention input");
        const q = splitHeads(query.apply(params.query, x), heads); // [B, H, N, D], queries and keys
        const v = splitHeads(value.apply(params.value, x), heads); // [B, H, N, D]
        return output.apply(params.output, mergeHeads(tf.matMul(l2Weights(q), v)));
      },
    });
  },
});
