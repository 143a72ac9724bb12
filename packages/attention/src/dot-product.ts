/**
 * Scaled dot-product attention: y = softmax(q k^T / sqrt(D) + b) v, per head, then one linear map of the heads together. The
 * attention that every other variant is measured against. b holds what is chosen: positions, masks; nothing by itself.
 * Shapes: x [B, N, C] -> [B, N, C]; H heads of width D = C / H. Queries, keys and values have no bias, the output has one.
 * Cost: 4 N C^2 + 2 N^2 C multiply-adds for each sample, N^2 H weights.
 * Source: Vaswani et al. 2017, arXiv 1706.03762, section 3.2; norms of queries and keys as in Henry et al. 2020, arXiv 2010.04245,
 * section 2, and Dehghani et al. 2023, arXiv 2302.05442, section 2; positions of `relative` from TransGAN, arXiv 2102.07074, section 3.4.
 */
import { defineAttention } from "@ganymede/core";
import { real, record } from "@ganymede/core/config";
import { relativePositionBias } from "./parts/logit-bias.js";
import type { MultiHeadSettings } from "./parts/multi-head.js";
import { multiHead } from "./parts/multi-head.js";

export { dotProductWeights } from "./parts/dot-product-weights.js";
export type { LogitBias } from "./parts/logit-bias.js";
export { maskBias, relativePositionBias } from "./parts/logit-bias.js";

export const dotProduct = defineAttention({
  id: "dot-product",
  source: "https://arxiv.org/abs/1706.03762",
  defaults: {},
  create: (_, options) => multiHead(options, {}, "dotProduct"),
});

/**
 * Dot-product attention with what only code can give, as values:
 * `dotProductWith({ biases: [relativePositionBias()], norm: rootMeanSquareNorm })`.
 */
export const dotProductWith = (settings: MultiHeadSettings) =>
  defineAttention({
    id: dotProduct.id,
    source: dotProduct.source,
    defaults: {},
    create: (_, options) => multiHead(options, settings, "dotProductWith"),
  })();

/** Dot-product attention with a learned number for each offset between two tokens of a map and each head, added to the logits. */
export const relative = defineAttention({
  id: "relative",
  source: "https://arxiv.org/abs/2102.07074",
  defaults: { deviation: 0.02 },
  settings: record({
    /** Standard deviation of the numbers at the start. Default: 0.02. */
    deviation: real({ least: 0 }),
  }),
  create: ({ deviation }, options) => multiHead(options, { biases: [relativePositionBias({ deviation })] }, "relative"),
});
