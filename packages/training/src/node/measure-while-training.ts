import type { Ref, Registry } from "@ganymede/core";
import { formatResult } from "../evaluate/measure.js";
import type { Measurement } from "../run/run-training.js";
import { measureSampler } from "./measure-sampler.js";
import { openEach, openMetrics } from "./open-metrics.js";
import type { Training } from "./open-training.js";
import { statisticsOnce } from "./real-statistics.js";
import type { RunContext } from "./run-context.js";

/** What to measure while training, and how often. */
export interface MeasureOptions {
  /** Nothing is measured if undefined. */
  readonly metrics: readonly Ref[] | undefined;
  readonly every: number;
  /** Images per side. */
  readonly images: number;
  readonly inception: string | undefined;
  /** False recomputes the statistics of the real images and does not cache them. */
  readonly cache: boolean;
}

/** The measurement of `--metric`; null without it. */
export async function measureWhileTraining(
  options: MeasureOptions,
  registry: Registry,
  { trainer, dataset, config }: Training,
  context: RunContext,
  signal: AbortSignal,
): Promise<Measurement | null> {
  if (options.metrics === undefined) return null;
  const { terminal, cwd, environment } = context;
  const opened = openMetrics({ inception: options.inception, cwd, environment, registry });
  const wanted = await openEach(opened, options.metrics);
  const measuring = {
    environment,
    signal,
    cache: options.cache,
    onNote: terminal.note,
    onProgress: (label: string, done: number, total: number) =>
      terminal.status(`Measuring ${label}: ${done} of ${total}`),
  };
  const asked = {
    sampler: trainer,
    dataset,
    count: options.images,
    seed: config.seed,
  };
  const real = statisticsOnce(asked, measuring, terminal.note);
  return {
    every: options.every,
    better: Object.fromEntries(wanted.map(({ id, better }) => [id, better])),
    async run(step) {
      const results: Record<string, number> = {};
      for (const metric of wanted) {
        const { result } = await measureSampler({ ...asked, metric, real }, measuring);
        results[result.id] = result.value;
        terminal.note(`step ${step}: ${formatResult(result)}, ${options.images} images`);
      }
      return results;
    },
    close: opened.dispose,
  };
}
