import { join } from "node:path";
import type { Files } from "./files.js";
import { readIfThere } from "./files.js";

/** The best checkpoint of a run so far by a metric. */
export interface BestCheckpoint {
  readonly step: number;
  /** Id of the metric. */
  readonly metric: string;
  readonly value: number;
}

const pathOf = (out: string): string => join(out, "checkpoints", "best.json");

/** The best checkpoint of a run folder, or null. */
export async function readBest(out: string): Promise<BestCheckpoint | null> {
  const bytes = await readIfThere(pathOf(out));
  return bytes === null ? null : (JSON.parse(new TextDecoder().decode(bytes)) as BestCheckpoint);
}

/** Records the best checkpoint. The checkpoint must exist already, so that a kill in between leaves a record of an existing file. */
export async function writeBest(files: Files, out: string, best: BestCheckpoint): Promise<void> {
  await files.writeAtomic(pathOf(out), [`${JSON.stringify(best)}\n`]);
}
