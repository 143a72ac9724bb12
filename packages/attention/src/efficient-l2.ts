/**
 * Efficient L2 attention: y = softmax(-|q_i - q_j|^2 / sqrt(D)) v, exactly, with memory that grows linearly with the tokens.
 * Shapes: x [B, N, C] -> [B, N, C]; H heads of width D = C / H. Parameters and their start are those of `l2`.
 * Cost: 3 N C^2 + 2 N^2 C multiply-adds for each sample forward, one N^2 C more backward than the plain form; 16 MB of logits at a time.
 * Source: Kim, Papamakarios and Mnih 2021, arXiv 2006.04710, section 3; Rabe and Staats 2021, arXiv 2112.05682, section 3.
 */
import { defineAttention, defineLayer, expectShape } from "@ganymede/core";
import { mergeHeads, linear as plainLinear, splitHeads } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { l2Attention } from "./l2.js";
import { tiledSoftmaxProduct } from "./parts/tiled-softmax.js";

export const efficientL2Attention = defineAttention({
  id: "efficient-l2",
  source: "https://arxiv.org/abs/2112.05682",
  create(options) {
    const { channels, heads, linear = plainLinear } = options;
    const { init } = l2Attention.create(options);
    const inner = (options.headWidth ?? channels / heads) * heads;
    const project = linear({ inputs: channels, outputs: inner, bias: false });
    const output = linear({ inputs: inner, outputs: channels });
    return defineLayer<ReturnType<typeof init>, tf.Tensor3D, tf.Tensor3D>({
      init,
      apply(params, x) {
        expectShape(x, ["B", "N", channels], "efficientL2Attention input");
        const q = splitHeads(project.apply(params.query, x), heads); // [B, H, N, D], queries and keys
        const v = splitHeads(project.apply(params.value, x), heads); // [B, H, N, D]
        const [batch, count, tokens, width] = q.shape;
        const scale = 1 / Math.sqrt(width);
        // The query's own length is the same for every key and cancels in the softmax.
        const lengths = tf.mul(tf.sum(tf.square(q), 3), -scale); // [B, H, N]
        const bias = tf.reshape(lengths, [batch, count, 1, tokens]) as tf.Tensor4D;
        return output.apply(params.output, mergeHeads(tiledSoftmaxProduct(tf.mul(q, 2 * scale), q, v, bias)));
      },
    });
  },
});
