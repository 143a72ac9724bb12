import { refId } from "@ganymede/core";
import type { AttentionConfig } from "./config.js";

/** What a generator's attention asks of its latents. */
export function componentSettings(attention: AttentionConfig) {
  if (attention.kind === "none") {
    return { components: 0, latentAttention: undefined, usesPositions: false, dropout: 0, mixing: 0 };
  }
  const { components, heads, dropout, betweenLatents, latentPositions, variant, gates } = attention;
  return {
    components,
    latentAttention: betweenLatents ? { integration: "add" as const, norm: null, heads, dropout } : undefined,
    // Duplex attention compares pixels with centroids, not with the latents' keys: alone it never asks where a latent stands.
    usesPositions: latentPositions && (betweenLatents || refId(variant) === "simplex" || gates.latents),
    dropout: attention.componentDropout,
    mixing: attention.componentMixing,
  };
}
