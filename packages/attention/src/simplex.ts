/**
 * Simplex attention: the pixels of a map read from a few latents and are scaled, or shifted, by what they read:
 * y = norm(x) (1 + W_c softmax(q k^T / sqrt(D)) v), q = W_q x + W_p p, k = W_k l + W_l p_l. There is no residual and no feed-forward:
 * the modulation is the update. Latents thereby steer regions of an image, at a cost linear in its pixels.
 * Shapes: x [B, N, C], memory (the latents) [B, M, memoryChannels], encodings of positions [N, P] and [M, P] -> [B, N, C].
 * Cost: 2 N C^2 + 2 N M C multiply-adds beside the memory's, N M weights for each head.
 * Source: Hudson and Zitnick 2021, GANsformer, arXiv 2103.01209, section 3.1; details from dorarad/gansformer,
 * `pytorch_version/training/networks.py`. One head there; maps are `equalizedLinear` where no other is given.
 * Differs from source: `both` takes halves of its control; the release's PyTorch side splits it wrongly and fails.
 */
import { defineCrossAttention } from "@ganymede/core";
import { bipartiteDefaults, bipartiteSettings } from "./parts/bipartite.js";
import { simplexLayer } from "./parts/simplex-layer.js";

export type { BipartiteInput, BipartiteSettings } from "./parts/bipartite.js";
export type { SimplexParams } from "./parts/simplex-layer.js";

/** `simplex({ integration: "both", positionWidth: 32 })`: how tokens change, and what comes with them. */
export const simplex = defineCrossAttention({
  id: "simplex",
  source: "https://arxiv.org/abs/2103.01209",
  replaces: true,
  defaults: bipartiteDefaults,
  settings: bipartiteSettings,
  create: (settings, options) => simplexLayer(options, settings, "simplex"),
});
