/**
 * Cross-attention: y = softmax(q k^T / sqrt(D)) v, queries from the tokens, keys and values from a memory. How pixels read from
 * latents, or tokens from another network's.
 * Shapes: x [B, N, C], memory [B, M, memoryChannels], mask [B, M] of 1 and 0 -> [B, N, C].
 * Cost: 2 N C^2 + 2 M C memoryChannels + 2 N M C multiply-adds, N M weights for each head.
 * Source: Vaswani et al. 2017, arXiv 1706.03762, section 3.2.3.
 */
import type { CrossInput } from "@ganymede/core";
import { defineCrossAttention, expectShape } from "@ganymede/core";
import { compose, observeWeights } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { dotProductWeights } from "./parts/dot-product-weights.js";
import { headProjections } from "./parts/head-projections.js";
import { hidden } from "./parts/hidden.js";

export const cross = defineCrossAttention({
  id: "cross",
  source: "https://arxiv.org/abs/1706.03762",
  defaults: {},
  create(_, options) {
    const { channels, memoryChannels = channels } = options;
    const heads = headProjections(options, "cross");
    return compose(heads.parts, (part, { x, memory, mask }: CrossInput, context): tf.Tensor3D => {
      expectShape(x, ["B", "N", channels], "cross input");
      expectShape(memory, ["B", "M", memoryChannels], "cross memory");
      const { q, k, v } = heads.split(part, x, memory); // [B, H, N, D], [B, H, M, D] twice
      const bias = mask && tf.mul(tf.sub(1, tf.reshape(mask, [mask.shape[0], 1, 1, mask.shape[1]])), hidden);
      const weights = dotProductWeights(q, k, bias); // [B, H, N, M]
      observeWeights(context, weights, { queryGrid: options.grid, keyGrid: options.memoryGrid });
      return heads.join(part, tf.matMul(weights, v));
    });
  },
});
