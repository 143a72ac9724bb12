import { join } from "node:path";
import type { Files } from "@ganymede/training/node";
import { readIfThere } from "@ganymede/training/node";

/** The result of a finished quick start; stored in its run folder. */
export interface QuickStartResult {
  readonly metric: string;
  readonly better: "smaller" | "larger";
  readonly before: number;
  readonly after: number;
  /** Images per side of the measurement. */
  readonly images: number;
  readonly steps: number;
  readonly data: string;
  readonly backend: string;
}

const pathOf = (out: string): string => join(out, "quick-start.json");

/** The result of a finished quick start, or null. */
export async function readResult(out: string): Promise<QuickStartResult | null> {
  const bytes = await readIfThere(pathOf(out));
  return bytes === null ? null : (JSON.parse(new TextDecoder().decode(bytes)) as QuickStartResult);
}

export async function writeResult(files: Files, out: string, result: QuickStartResult): Promise<void> {
  await files.writeAtomic(pathOf(out), [`${JSON.stringify(result, null, 2)}\n`]);
}
