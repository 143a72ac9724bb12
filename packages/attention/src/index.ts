export type { AugmentedSettings } from "./augmented-conv.js";
export { augmentedConvolution, augmentedConvolutionAttention } from "./augmented-conv.js";
export { portAugmentedConvolution, portAugmentedConvolutionAttention } from "./augmented-conv-port.js";
export { axialAttention } from "./axial.js";
export { cosineAttention, cosineWeights } from "./cosine.js";
export { crossAttention } from "./cross.js";
export { dotProduct, dotProductAttention, dotProductWeights, maskBias, relativePositionBias } from "./dot-product.js";
export type { Centroids, DuplexParams, DuplexResult, DuplexSettings } from "./duplex.js";
export { duplex, duplexAttention, latentCentroids, learnedCentroids } from "./duplex.js";
export { efficientAttention } from "./efficient.js";
export { efficientL2Attention } from "./efficient-l2.js";
export { fullQkAttention, sharedWeights } from "./full-qk.js";
export type { GridSettings } from "./grid.js";
export { grid, gridAttention } from "./grid.js";
export { l2Attention, l2LipschitzBound, l2Weights } from "./l2.js";
export { lipschitzL2Attention, lipschitzL2Bound } from "./l2-lipschitz.js";
export { latentSelf, latentSelfAttention } from "./latent-self.js";
export { linearAttention, linearProduct } from "./linear.js";
export type { LinformerSettings } from "./linformer.js";
export { linformer, linformerAttention } from "./linformer.js";
export type { LocalSettings } from "./local.js";
export { local, localAttention } from "./local.js";
export type { Distance, LocalInitSettings, LocalitySchedule, ScheduledMaskSettings } from "./local-init.js";
export {
  bandDistance,
  bandMask,
  localInit,
  localInitAttention,
  localitySchedules,
  localityWidth,
  scheduledMask,
  windowDistance,
  windowMask,
} from "./local-init.js";
export type { LocalPerChannelSettings } from "./local-per-channel.js";
export { localPerChannel, localPerChannelAttention } from "./local-per-channel.js";
export type { LshSettings } from "./lsh.js";
export { bucketsOf, hashedAttention, lsh, lshAttention } from "./lsh.js";
export { neighbourhood, neighbourhoodAttention } from "./neighbourhood.js";
export type { NystromSettings } from "./nystrom.js";
export { nystrom, nystromAttention } from "./nystrom.js";
export { onTokens } from "./on-tokens.js";
export type { HeadParams } from "./parts/head-projections.js";
export type { Integration } from "./parts/integration.js";
export type { LogitBias } from "./parts/logit-bias.js";
export type { MultiHeadParams, MultiHeadSettings } from "./parts/multi-head.js";
export { tiledSoftmaxProduct } from "./parts/tiled-softmax.js";
export type { PerformerSettings } from "./performer.js";
export { keyFeatures, orthogonalFeatures, performer, performerAttention, queryFeatures } from "./performer.js";
export { attention, attention as default } from "./plugin.js";
export { releaseDotProductAttention } from "./release-dot-product.js";
export { releaseL2Attention } from "./release-l2.js";
export type { HalfInput, ReversibleBlock, ReversibleInput } from "./reversible.js";
export { reversible } from "./reversible.js";
export type { SaganSettings } from "./sagan.js";
export { sagan, saganAttention } from "./sagan.js";
export { plainSaganAttention } from "./sagan-plain.js";
export type { SetQueriesSettings } from "./set-queries.js";
export { setQueries, setQueriesAttention } from "./set-queries.js";
export type { BipartiteInput, BipartiteSettings, SimplexParams } from "./simplex.js";
export { add, both, multiply, simplex, simplexAttention } from "./simplex.js";
export { addTokenNoise, withTokenNoise } from "./token-noise.js";
export type { WindowSettings } from "./window.js";
export { shiftedWindow, shiftedWindowAttention, window, windowAttention } from "./window.js";
