import { definePlugin } from "@ganymede/core";
import { cosineAttention } from "./cosine.js";
import { dotProductAttention } from "./dot-product.js";
import { l2Attention } from "./l2.js";
import { lipschitzL2Attention } from "./l2-lipschitz.js";
import { releaseDotProductAttention } from "./release-dot-product.js";
import { releaseL2Attention } from "./release-l2.js";

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
    ],
  });
