export { dotProductAttention, dotProductWeights } from "./dot-product.js";
export { l2Attention, l2Weights } from "./l2.js";
export { attention, attention as default } from "./plugin.js";
export { releaseDotProductAttention } from "./release-dot-product.js";
export { releaseL2Attention } from "./release-l2.js";
