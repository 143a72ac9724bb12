import { definePlugin } from "@ganymede/core";
import { augmentedConvolutionAttention } from "./augmented-conv.js";
import { portAugmentedConvolutionAttention } from "./augmented-conv-port.js";
import { axialAttention } from "./axial.js";
import { cosineAttention } from "./cosine.js";
import { crossAttention } from "./cross.js";
import { dotProductAttention } from "./dot-product.js";
import { duplexAttention } from "./duplex.js";
import { efficientAttention } from "./efficient.js";
import { efficientL2Attention } from "./efficient-l2.js";
import { fullQkAttention } from "./full-qk.js";
import { gridAttention } from "./grid.js";
import { l2Attention } from "./l2.js";
import { lipschitzL2Attention } from "./l2-lipschitz.js";
import { latentSelfAttention } from "./latent-self.js";
import { linearAttention } from "./linear.js";
import { linformerAttention } from "./linformer.js";
import { localAttention } from "./local.js";
import { localInitAttention } from "./local-init.js";
import { localPerChannelAttention } from "./local-per-channel.js";
import { lshAttention } from "./lsh.js";
import { neighbourhoodAttention } from "./neighbourhood.js";
import { nystromAttention } from "./nystrom.js";
import { performerAttention } from "./performer.js";
import { releaseDotProductAttention } from "./release-dot-product.js";
import { releaseL2Attention } from "./release-l2.js";
import { saganAttention } from "./sagan.js";
import { plainSaganAttention } from "./sagan-plain.js";
import { setQueriesAttention } from "./set-queries.js";
import { simplexAttention } from "./simplex.js";
import { shiftedWindowAttention, windowAttention } from "./window.js";

/** Every variant of this package, with its paper's settings. */
export const attention = () =>
  definePlugin({
    apiVersion: 1,
    name: "@ganymede/attention",
    attentions: [
      dotProductAttention,
      l2Attention,
      releaseL2Attention,
      releaseDotProductAttention,
      lipschitzL2Attention,
      cosineAttention,
      saganAttention,
      plainSaganAttention,
      gridAttention,
      windowAttention,
      shiftedWindowAttention,
      axialAttention,
      localInitAttention,
      localAttention,
      localPerChannelAttention,
      neighbourhoodAttention,
      augmentedConvolutionAttention,
      portAugmentedConvolutionAttention,
      simplexAttention,
      duplexAttention,
      latentSelfAttention,
      lshAttention,
      fullQkAttention,
      linearAttention,
      performerAttention,
      linformerAttention,
      nystromAttention,
      crossAttention,
      setQueriesAttention,
      efficientAttention,
      efficientL2Attention,
    ],
  });
