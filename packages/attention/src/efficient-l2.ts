/**
 * Efficient L2 attention: y = softmax(-|q_i - q_j|^2 / sqrt(D)) v, exactly, with memory that grows linearly with the tokens.
 * Shapes: x [B, N, C] -> [B, N, C]; H heads of width D = C / H. Parameters and their start are those of `l2`.
 * Cost: 3 N C^2 + 2 N^2 C multiply-adds for each sample forward, one N^2 C more backward than the plain form; 4 MB of
 * logits at a time in the compiled engine, 16 MB elsewhere.
 * Source: Kim, Papamakarios and Mnih 2021, arXiv 2006.04710, section 3; Rabe and Staats 2021, arXiv 2112.05682, section 3.
 */
import { defineAttention, expectShape } from "@ganymede/core";
import { compose } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { observeQueries } from "./parts/observe-query.js";
import { tiedProjections } from "./parts/tied-projections.js";
import { tiledSoftmaxProduct } from "./parts/tiled-softmax.js";

export const efficientL2 = defineAttention({
  id: "efficient-l2",
  source: "https://arxiv.org/abs/2112.05682",
  defaults: {},
  create(_, options) {
    const heads = tiedProjections(options, "efficientL2");
    return compose(heads.parts, (part, x: tf.Tensor3D, context): tf.Tensor3D => {
      expectShape(x, ["B", "N", options.channels], "efficientL2 input");
      const { q, v } = heads.split(part, x); // [B, H, N, D], queries and keys, and values
      const [batch, count, tokens, width] = q.shape;
      const scale = 1 / Math.sqrt(width);
      // The query's own length is the same for every key and cancels in the softmax.
      const lengths = tf.mul(tf.sum(tf.square(q), 3), -scale); // [B, H, N]
      const bias = tf.reshape(lengths, [batch, count, 1, tokens]) as tf.Tensor4D;
      observeQueries(context, q, options, (one) => {
        const products = tf.matMul(tf.mul(one, 2 * scale), q, false, true); // [B, H, 1, N]
        return tf.softmax(tf.add(products, bias));
      });
      return heads.join(part, tiledSoftmaxProduct(tf.mul(q, 2 * scale), q, v, bias));
    });
  },
});
