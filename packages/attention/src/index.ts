export { cosineAttention, cosineWeights } from "./cosine.js";
export { dotProduct, dotProductAttention, dotProductWeights, maskBias, relativePositionBias } from "./dot-product.js";
export { l2Attention, l2LipschitzBound, l2Weights } from "./l2.js";
export { lipschitzL2Attention, lipschitzL2Bound } from "./l2-lipschitz.js";
export type { LogitBias } from "./parts/logit-bias.js";
export type { MultiHeadSettings } from "./parts/multi-head.js";
export { attention, attention as default } from "./plugin.js";
export { releaseDotProductAttention } from "./release-dot-product.js";
export { releaseL2Attention } from "./release-l2.js";
