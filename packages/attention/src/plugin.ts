import type { AttentionVariant, TokenMixer } from "@ganymede/core";
import { definePlugin } from "@ganymede/core";
import { augmentedConvolution } from "./augmented-conv.js";
import { portAugmentedConvolution } from "./augmented-conv-port.js";
import { axial } from "./axial.js";
import { convolution } from "./convolution.js";
import { cosine } from "./cosine.js";
import { cross } from "./cross.js";
import { dotProduct, relative } from "./dot-product.js";
import { duplex } from "./duplex.js";
import { efficient } from "./efficient.js";
import { efficientL2 } from "./efficient-l2.js";
import { fullQk } from "./full-qk.js";
import { grid } from "./grid.js";
import { l2 } from "./l2.js";
import { lipschitzL2 } from "./l2-lipschitz.js";
import { latentSelf } from "./latent-self.js";
import { linearAttention } from "./linear.js";
import { linformer } from "./linformer.js";
import { local } from "./local.js";
import { localInit } from "./local-init.js";
import { localPerChannel } from "./local-per-channel.js";
import { lsh } from "./lsh.js";
import { neighbourhood } from "./neighbourhood.js";
import { nystrom } from "./nystrom.js";
import { performer } from "./performer.js";
import { releaseDotProduct } from "./release-dot-product.js";
import { releaseL2 } from "./release-l2.js";
import { residual } from "./residual.js";
import { sagan } from "./sagan.js";
import { plainSagan } from "./sagan-plain.js";
import { setQueries } from "./set-queries.js";
import { simplex } from "./simplex.js";
import { shiftedWindow, window } from "./window.js";

/** Every variant of this package. */
export const attentionVariants: readonly AttentionVariant[] = [
  dotProduct,
  relative,
  l2,
  releaseL2,
  releaseDotProduct,
  lipschitzL2,
  cosine,
  sagan,
  plainSagan,
  grid,
  window,
  shiftedWindow,
  axial,
  localInit,
  local,
  localPerChannel,
  neighbourhood,
  simplex,
  duplex,
  latentSelf,
  lsh,
  fullQk,
  linearAttention,
  performer,
  linformer,
  nystrom,
  cross,
  setQueries,
  efficient,
  efficientL2,
];

/** Every token mixer of this package that is no attention. */
export const tokenMixers: readonly TokenMixer[] = [
  convolution,
  augmentedConvolution,
  portAugmentedConvolution,
  residual,
];

/** The plugin of this package: every variant and every mixer. */
export const attention = () =>
  definePlugin({ apiVersion: 1, name: "@ganymede/attention", attentions: attentionVariants, mixers: tokenMixers });
