import { GanymedeError } from "@ganymede/core";
import type { Standing } from "@ganymede/training";

/** Options that every command has. */
export interface SharedOptions {
  /** One JSON object per line on standard output. */
  readonly json: boolean;
  /** `--plugin`, in order. */
  readonly plugins: readonly string[];
  /** `--config`. */
  readonly config: string | undefined;
}

/** Options of commands that draw from the averaged generator. */
export interface StandingOptions {
  /** Batches of fresh images that the norms' statistics are gathered over; those of training where left out. */
  readonly standingPasses: number | undefined;
  /** Images of each of them; 64 where left out. */
  readonly standingBatch: number | undefined;
}

/**
 * What the options ask for; undefined for the statistics of training.
 *
 * @throws GanymedeError `invalid-argument` for a batch without passes.
 */
export function standingOf({ standingPasses: passes, standingBatch: batch }: StandingOptions): Standing | undefined {
  if (passes !== undefined) return { passes, batch: batch ?? 64 };
  if (batch === undefined) return undefined;
  throw new GanymedeError(
    "invalid-argument",
    "--standing-batch: it needs --standing-passes, got none; say how many batches",
  );
}
