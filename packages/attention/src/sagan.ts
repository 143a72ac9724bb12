/**
 * SAGAN's self-attention on a feature map: y = W_o softmax(q k^T) v, where keys and values are halved in both directions by
 * 2x2 max pooling. It lets a convolutional network relate far pixels. The gate and the sum, x + gamma y, belong to the block.
 * Shapes: x [B, H, W, C] -> [B, H, W, C], H and W multiples of the pool; queries and keys floor(C / 8) wide, values floor(C / 2), all heads
 * together, rounded down for each head.
 * Cost: 5/4 H W C^2 + 5/32 (H W)^2 C multiply-adds, (H W)^2 / 4 weights for each head.
 * Source: Zhang et al. 2019, arXiv 1805.08318, section 3; pooled as in the authors' code, brain-research/self-attention-gan,
 * `non_local.py`. One head there; no scaling of the logits. Weights are spectrally normalised from outside (`spectralNorm`).
 * Differs from source: the paper's figure has no pooling; the authors' code has, and is taken as the truth.
 */
import { defineMapAttention } from "@ganymede/core";
import { record, whole } from "@ganymede/core/config";
import { maxPool, linear as plainLinear } from "@ganymede/core/nn";
import { saganBlock } from "./parts/sagan-block.js";

export const sagan = defineMapAttention({
  id: "sagan",
  source: "https://arxiv.org/abs/1805.08318",
  defaults: { pool: 2 },
  settings: record({
    /** Side of the squares that keys and values are pooled over; 1 for no pooling. Default: 2. */
    pool: whole(),
  }),
  create({ pool }, { channels, heads, headWidth = Math.floor(channels / 8 / heads), linear = plainLinear }) {
    const widths = {
      channels,
      heads,
      keyChannels: heads * headWidth,
      valueChannels: heads * Math.floor(channels / 2 / heads),
      bias: false,
      mapsBack: true,
    };
    return saganBlock(widths, linear, "sagan", (map) => maxPool(map, pool));
  },
});
