import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Registry } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import type { BackendOption, ModelChoice } from "@ganymede/training";
import { createModel, parseOverride } from "@ganymede/training";
import { expectReplaceable, readRunConfig } from "@ganymede/training/node";
import { parseMetrics } from "../commands/parse-ref.js";
import type { Budget, ComparisonResult } from "../comparison/comparison-result.js";
import { comparisonMarkdown, comparisonTable, isComparisonMarkdown } from "../comparison/comparison-table.js";
import { knownResult, trainVariant } from "../comparison/train-variant.js";
import type { Variant } from "../comparison/variant.js";
import { chooseVariant, parseVariants } from "../comparison/variant.js";
import type { Knowledge } from "../config/registry.js";
import { loadPlugins } from "../config/registry.js";
import type { CommandContext } from "../context.js";
import { formatTable } from "../output/table.js";
import { stopOnSignals } from "../run/stop-signal.js";
import type { SharedOptions } from "./shared-options.js";

export interface CompareOptions extends SharedOptions, BackendOption {
  readonly data: string | undefined;
  readonly out: string;
  readonly steps: number | undefined;
  readonly images: number | undefined;
  readonly minutes: number | undefined;
  readonly seed: number;
  /** Settings of all variants. */
  readonly set: readonly string[];
  readonly metric: string | undefined;
  readonly metricImages: number;
  readonly inception: string | undefined;
  /** Markdown file for the table. */
  readonly table: string | undefined;
}

/** @throws GanymedeError `invalid-argument` without a limit, or with several metrics. */
function budgetOf({ steps, images, minutes, metric, metricImages }: CompareOptions): Budget {
  if (steps === undefined && images === undefined && minutes === undefined) {
    throw new GanymedeError(
      "invalid-argument",
      "compare: every variant needs a budget, got none; set --steps, --images or --minutes",
    );
  }
  if (metric !== undefined && parseMetrics(metric).length !== 1) {
    throw new GanymedeError("invalid-argument", `--metric: compare uses one metric, got "${metric}"; choose one`);
  }
  return {
    steps: steps ?? null,
    images: images ?? null,
    minutes: minutes ?? null,
    metric: metric ?? null,
    measured: metricImages,
  };
}

/** @throws GanymedeError `invalid-config` if distances would be between images of different sizes. */
function expectOneSize(registry: Registry, choices: readonly ModelChoice[]): void {
  const sizes = new Set(choices.map((choice) => createModel(registry, choice).imageShape.join(" x ")));
  if (sizes.size <= 1) return;
  throw new GanymedeError(
    "invalid-config",
    `compare: variants must generate images of one size, got ${[...sizes].join(" and ")}; change it with --set`,
  );
}

type Chosen = readonly [variant: Variant, choice: ModelChoice];

/** Results of all variants in sequence; null if interrupted. */
async function trainAll(
  known: Knowledge,
  chosen: readonly Chosen[],
  options: CompareOptions,
  budget: Budget,
  context: CommandContext,
): Promise<readonly ComparisonResult[] | null> {
  const { terminal, cwd } = context;
  const { backend, threads, seed, inception } = options;
  const out = resolve(cwd, options.out);
  const results: ComparisonResult[] = [];
  const stop = stopOnSignals(context.signals, terminal.note);
  try {
    let { data } = options;
    for (const [index, [{ name }, choice]] of chosen.entries()) {
      const folder = join(out, name);
      const finished = await knownResult(folder, { choice, seed, budget });
      terminal.note(
        `Variant ${index + 1} of ${chosen.length}: ${name}${finished === null ? "" : ", already finished"}`,
      );
      const asked = {
        ...known,
        name,
        choice,
        out,
        data,
        backend,
        threads,
        seed,
        inception,
        budget,
        signal: stop.signal,
      };
      const result = finished ?? (await trainVariant(asked, context));
      if (result === null) return null;
      if (result.failure !== null) terminal.note(`${name} failed: ${result.failure}`);
      results.push(result);
      // All variants use the images of the first.
      data ??= (await readRunConfig(folder)).data?.place;
    }
    return results;
  } finally {
    terminal.status("");
    stop.release();
  }
}

const isComparisonFile = async (path: string): Promise<boolean> => isComparisonMarkdown(await readFile(path, "utf8"));

/** Trains variants with the same budget and prints their results. */
export async function compareCommand(
  texts: readonly string[],
  options: CompareOptions,
  context: CommandContext,
): Promise<number> {
  const { terminal, files, cwd } = context;
  const variants = parseVariants(texts);
  const budget = budgetOf(options);
  const table = options.table === undefined ? null : resolve(cwd, options.table);
  if (table !== null) await expectReplaceable([table], "--table", isComparisonFile);
  let known = await loadPlugins(context.builtIn, { ...options, cwd });
  const forAll = options.set.map((text) => parseOverride(text));
  const chosen: Chosen[] = [];
  for (const variant of variants) {
    const opened = await chooseVariant(known, variant, forAll, cwd);
    known = opened.known;
    chosen.push([variant, opened.choice]);
  }
  expectOneSize(
    known.registry,
    chosen.map(([, choice]) => choice),
  );
  const results = await trainAll(known, chosen, options, budget, context);
  if (results === null) {
    terminal.note("Stopped and saved; run the same command to continue.");
    return 130;
  }
  if (table !== null) await files.writeAtomic(table, [comparisonMarkdown(results)]);
  if (options.json) for (const result of results) terminal.out(JSON.stringify(result));
  else {
    const { head, rows } = comparisonTable(results);
    for (const line of formatTable(head, rows)) terminal.out(line);
  }
  return 0;
}
