/**
 * Scaled dot-product attention: y = softmax(q k^T / sqrt(D) + b) v, per head, then one linear map of the heads together. The
 * attention that every other variant is measured against. b holds what is chosen: positions, masks; nothing by itself.
 * Shapes: x [B, N, C] -> [B, N, C]; H heads of width D = C / H. Queries, keys and values have no bias, the output has one.
 * Cost: 4 N C^2 + 2 N^2 C multiply-adds for each sample, N^2 H weights.
 * Source: Vaswani et al. 2017, arXiv 1706.03762, section 3.2; norms of queries and keys as in Henry et al. 2020, arXiv 2010.04245,
 * section 2, and Dehghani et al. 2023, arXiv 2302.05442, section 2.
 */
import { defineAttention } from "@ganymede/core";
import type { MultiHeadSettings } from "./parts/multi-head.js";
import { multiHead } from "./parts/multi-head.js";

export { dotProductWeights } from "./parts/dot-product-weights.js";
export type { LogitBias } from "./parts/logit-bias.js";
export { maskBias, relativePositionBias } from "./parts/logit-bias.js";

/** `dotProduct({ biases: [relativePositionBias()], norm: rootMeanSquareNorm })`: what is added and normalised, as values. */
export const dotProduct = (settings: MultiHeadSettings = {}) =>
  defineAttention({
    id: "dot-product",
    source: "https://arxiv.org/abs/1706.03762",
    create: (options) => multiHead(options, settings, "dotProductAttention"),
  });

export const dotProductAttention = dotProduct();
