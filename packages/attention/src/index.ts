export type { AugmentedSettings } from "./augmented-conv.js";
export { augmentedConvolution, augmentedConvolutionLayer } from "./augmented-conv.js";
export { portAugmentedConvolution, portAugmentedConvolutionLayer } from "./augmented-conv-port.js";
export { axial } from "./axial.js";
export { convolution } from "./convolution.js";
export { cosine, cosineWeights } from "./cosine.js";
export { cross } from "./cross.js";
export {
  dotProduct,
  dotProductWeights,
  dotProductWith,
  maskBias,
  relative,
  relativePositionBias,
} from "./dot-product.js";
export type { DuplexResult } from "./duplex.js";
export { duplex } from "./duplex.js";
export { efficient } from "./efficient.js";
export { efficientL2 } from "./efficient-l2.js";
export { fullQk, sharedWeights } from "./full-qk.js";
export { grid } from "./grid.js";
export { l2, l2LipschitzBound, l2Weights } from "./l2.js";
export { lipschitzL2, lipschitzL2Bound } from "./l2-lipschitz.js";
export { latentSelf } from "./latent-self.js";
export { linearAttention, linearProduct } from "./linear.js";
export { linformer } from "./linformer.js";
export type { LocalSettings } from "./local.js";
export { local, localLayer } from "./local.js";
export type { Distance, LocalitySchedule, ScheduledMaskSettings } from "./local-init.js";
export {
  bandDistance,
  bandMask,
  localInit,
  localitySchedules,
  localityWidth,
  scheduledMask,
  windowDistance,
  windowMask,
} from "./local-init.js";
export { localPerChannel, localPerChannelLayer } from "./local-per-channel.js";
export { bucketsOf, hashedAttention, lsh } from "./lsh.js";
export { neighbourhood } from "./neighbourhood.js";
export { nystrom } from "./nystrom.js";
export type { HeadParams } from "./parts/head-projections.js";
export type { LogitBias } from "./parts/logit-bias.js";
export type { MultiHeadSettings } from "./parts/multi-head.js";
export { layerOnTokens, onTokens } from "./parts/on-tokens.js";
export { tiledSoftmaxProduct } from "./parts/tiled-softmax.js";
export { keyFeatures, orthogonalFeatures, performer, queryFeatures } from "./performer.js";
export { attention, attention as default, attentionVariants, tokenMixers } from "./plugin.js";
export { releaseDotProduct } from "./release-dot-product.js";
export { releaseL2 } from "./release-l2.js";
export { residual } from "./residual.js";
export { resolveMixer } from "./resolve-mixer.js";
export type { HalfInput, ReversibleBlock, ReversibleInput } from "./reversible.js";
export { reversible } from "./reversible.js";
export { sagan } from "./sagan.js";
export { plainSagan } from "./sagan-plain.js";
export { setQueries } from "./set-queries.js";
export type { BipartiteInput, BipartiteSettings, SimplexParams } from "./simplex.js";
export { simplex } from "./simplex.js";
export { addTokenNoise, withTokenNoise } from "./token-noise.js";
export { shiftedWindow, window } from "./window.js";
