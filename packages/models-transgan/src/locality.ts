import { bandDistance, dotProduct, scheduledMask, windowDistance } from "@ganymede/attention";
import type { SelfAttention } from "@ganymede/core";
import type { LocalityConfig } from "./config.js";

const distances = { band1d: bandDistance, window2d: windowDistance };

/** Dot-product attention whose neighbourhood opens over training. */
export function localAttention({ mask, schedule }: LocalityConfig): SelfAttention {
  return dotProduct({ biases: [scheduledMask({ distance: distances[mask], schedule })] });
}
