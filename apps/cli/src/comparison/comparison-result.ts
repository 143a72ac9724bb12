import { join } from "node:path";
import type { Files } from "@ganymede/training/node";
import { readIfThere } from "@ganymede/training/node";

/** What was asked of every variant. */
export interface Budget {
  /** Infinite budgets are null. */
  readonly steps: number | null;
  readonly images: number | null;
  readonly minutes: number | null;
  readonly metric: string | null;
  /** Images that are measured, on each side. */
  readonly measured: number;
}

/** One row of the table; kept in the run folder of the variant. */
export interface ComparisonResult {
  readonly variant: string;
  readonly preset: string;
  /** Numbers in the generator and in the discriminator. */
  readonly parameters: { readonly generator: number; readonly discriminator: number };
  readonly steps: number;
  /** Images shown in training. */
  readonly images: number;
  readonly imagesPerSecond: number;
  /** Spent in training. */
  readonly minutes: number;
  readonly metric: string;
  readonly better: "smaller" | "larger";
  readonly before: number;
  /** Null where training failed. */
  readonly after: number | null;
  /** Why training failed; null where it did not. */
  readonly failure: string | null;
  readonly data: string;
  readonly backend: string;
  readonly seed: number;
  readonly budget: Budget;
}

const pathOf = (out: string): string => join(out, "comparison.json");

/** The last result of a variant, whatever it spent, or null. */
export async function readLastComparison(out: string): Promise<ComparisonResult | null> {
  const bytes = await readIfThere(pathOf(out));
  return bytes === null ? null : (JSON.parse(new TextDecoder().decode(bytes)) as ComparisonResult);
}

/** The result of a variant that spent this very budget, or null. */
export async function readComparison(out: string, budget: Budget): Promise<ComparisonResult | null> {
  const result = await readLastComparison(out);
  return JSON.stringify(result?.budget) === JSON.stringify(budget) ? result : null;
}

export async function writeComparison(files: Files, out: string, result: ComparisonResult): Promise<void> {
  await files.writeAtomic(pathOf(out), [`${JSON.stringify(result, null, 2)}\n`]);
}
