/**
 * SAGAN's self-attention without pooling and without a last convolution: y = softmax(q k^T) v. What a widely
 * used port has; kept for its weights, `sagan` is the authors' form.
 * Shapes: x [B, H, W, C] -> [B, H, W, C]; queries and keys floor(C / 8) wide, values C, all with bias.
 * Cost: 5/4 H W C^2 + 9/8 (H W)^2 C multiply-adds, (H W)^2 weights for each head.
 * Source: heykeetae/Self-Attention-GAN, `sagan_models.py`.
 * Differs from source: none. Differs from the paper (arXiv 1805.08318, section 3): biases, values C wide, no map back from C / 8.
 */
import { defineMapAttention } from "@ganymede/core";
import { linear as plainLinear } from "@ganymede/core/nn";
import { saganBlock } from "./parts/sagan-block.js";

export const plainSagan = defineMapAttention({
  id: "sagan-plain",
  source: "https://github.com/heykeetae/Self-Attention-GAN",
  defaults: {},
  create(_, { channels, heads, headWidth = Math.floor(channels / 8 / heads), linear = plainLinear }) {
    const widths = {
      channels,
      heads,
      keyChannels: heads * headWidth,
      valueChannels: channels,
      bias: true,
      mapsBack: false,
    };
    return saganBlock(widths, linear, "plainSagan");
  },
});
