import { join } from "node:path";
import type { Files } from "@ganymede/training/node";
import { readIfThere } from "@ganymede/training/node";

/** Budget and measurement of every variant. */
export interface Budget {
  /** Null for no limit. */
  readonly steps: number | null;
  readonly images: number | null;
  readonly minutes: number | null;
  readonly metric: string | null;
  /** Images per side of a measurement. */
  readonly measured: number;
}

/** One row of the table; stored in the variant's run folder. */
export interface ComparisonResult {
  readonly variant: string;
  readonly preset: string;
  /** Number of parameters of the generator and of the discriminator. */
  readonly parameters: { readonly generator: number; readonly discriminator: number };
  readonly steps: number;
  /** Real images seen in training. */
  readonly images: number;
  readonly imagesPerSecond: number;
  /** Minutes of training. */
  readonly minutes: number;
  readonly metric: string;
  readonly better: "smaller" | "larger";
  readonly before: number;
  /** Null if training failed. */
  readonly after: number | null;
  /** Why training failed, or null. */
  readonly failure: string | null;
  readonly data: string;
  readonly backend: string;
  readonly seed: number;
  readonly budget: Budget;
}

const pathOf = (out: string): string => join(out, "comparison.json");

/** The last result of a variant with any budget, or null. */
export async function readLastComparison(out: string): Promise<ComparisonResult | null> {
  const bytes = await readIfThere(pathOf(out));
  return bytes === null ? null : (JSON.parse(new TextDecoder().decode(bytes)) as ComparisonResult);
}

/** The result of a variant with this budget, or null. */
export async function readComparison(out: string, budget: Budget): Promise<ComparisonResult | null> {
  const result = await readLastComparison(out);
  return JSON.stringify(result?.budget) === JSON.stringify(budget) ? result : null;
}

export async function writeComparison(files: Files, out: string, result: ComparisonResult): Promise<void> {
  await files.writeAtomic(pathOf(out), [`${JSON.stringify(result, null, 2)}\n`]);
}
