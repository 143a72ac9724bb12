import type { LocalitySchedule } from "@ganymede/attention";
import { bandDistance, dotProduct, scheduledMask, windowDistance } from "@ganymede/attention";
import type { SelfAttention } from "@ganymede/core";

/** What tokens of the last block see: places in the list (`band1d`, the release) or in the map (`window2d`, the paper's words). */
export interface LocalityConfig {
  readonly mask: "band1d" | "window2d";
  /** Up to `before`, exclusive, in steps, tokens see those at most `width` away; after the last entry they see all. */
  readonly schedule: LocalitySchedule;
}

const distances = { band1d: bandDistance, window2d: windowDistance };

/** Dot-product attention whose neighbourhood opens over training. */
export function localAttention({ mask, schedule }: LocalityConfig): SelfAttention {
  return dotProduct({ biases: [scheduledMask({ distance: distances[mask], schedule })] });
}
