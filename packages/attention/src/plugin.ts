import { definePlugin } from "@ganymede/core";
import { axialAttention } from "./axial.js";
import { cosineAttention } from "./cosine.js";
import { dotProductAttention } from "./dot-product.js";
import { gridAttention } from "./grid.js";
import { l2Attention } from "./l2.js";
import { lipschitzL2Attention } from "./l2-lipschitz.js";
import { localInitAttention } from "./local-init.js";
import { releaseDotProductAttention } from "./release-dot-product.js";
import { releaseL2Attention } from "./release-l2.js";
import { saganAttention } from "./sagan.js";
import { plainSaganAttention } from "./sagan-plain.js";
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
    ],
  });
