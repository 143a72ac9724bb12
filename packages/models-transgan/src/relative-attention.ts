import { dotProduct, relativePositionBias } from "@ganymede/attention";
import type { SelfAttention } from "@ganymede/core";

/**
 * Dot-product attention with a learned number for each offset between two tokens of a map and each head, added to the logits.
 *
 * Source: Jiang, Chang and Wang 2021, arXiv 2102.07074, section 3.4.
 */
export const relativeAttention: SelfAttention = {
  ...dotProduct({ biases: [relativePositionBias()] }),
  id: "relative",
  source: "https://arxiv.org/abs/2102.07074",
};
