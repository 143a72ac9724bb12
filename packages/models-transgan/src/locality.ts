import { bandDistance, dotProductWith, scheduledMask, windowDistance } from "@ganymede/attention";
import type { SelfAttentionPart } from "@ganymede/core";
import type { LocalityConfig } from "./config.js";

const distances = { band1d: bandDistance, window2d: windowDistance };

/** Dot-product attention whose neighbourhood opens over training. */
export function localAttention({ mask, schedule }: LocalityConfig): SelfAttentionPart {
  return dotProductWith({ biases: [scheduledMask({ distance: distances[mask], schedule })] });
}
