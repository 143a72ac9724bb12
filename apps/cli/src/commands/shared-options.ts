import { GanymedeError } from "@ganymede/core";
import type { Standing } from "@ganymede/training";

/** Options of every command. */
export interface SharedOptions {
  /** One JSON object per line on standard output. */
  readonly json: boolean;
  /** `--plugin`, in order. */
  readonly plugins: readonly string[];
  /** `--config`. */
  readonly config: string | undefined;
}

/** Options of commands that sample from the generator's EMA. */
export interface StandingOptions {
  /** Batches of fresh images for standing statistics. Default: the running statistics of training. */
  readonly standingPasses: number | undefined;
  /** Images per batch. Default: 64. */
  readonly standingBatch: number | undefined;
}

/**
 * Standing statistics of the options; undefined for the running statistics of training.
 *
 * @throws GanymedeError `invalid-argument` for a batch without passes.
 */
export function standingOf({ standingPasses: passes, standingBatch: batch }: StandingOptions): Standing | undefined {
  if (passes !== undefined) return { passes, batch: batch ?? 64 };
  if (batch === undefined) return undefined;
  throw new GanymedeError(
    "invalid-argument",
    "--standing-batch: it needs --standing-passes, got none; set the number of batches",
  );
}
