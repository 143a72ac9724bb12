import type { Registry } from "@ganymede/core";
import { formatResult } from "../evaluate/measure.js";
import type { Measurement } from "../run/run-training.js";
import { measureSampler } from "./measure-sampler.js";
import { openMetrics, pickMetrics } from "./open-metrics.js";
import type { Training } from "./open-training.js";
import { statisticsOnce } from "./real-statistics.js";
import type { RunContext } from "./run-context.js";

export interface MeasureOptions {
  /** Comma-separated ids; nothing is measured where left out. */
  readonly metric: string | undefined;
  readonly metricEvery: number;
  readonly metricImages: number;
  readonly inception: string | undefined;
  /** False computes the statistics of the real images again, and keeps none. */
  readonly cache: boolean;
}

/** The measurements of `--metric`, as the run wants them; null without it. */
export async function measureWhileTraining(
  options: MeasureOptions,
  registry: Registry,
  { trainer, dataset, config }: Training,
  context: RunContext,
  signal: AbortSignal,
): Promise<Measurement | null> {
  if (options.metric === undefined) return null;
  const { terminal, cwd, environment } = context;
  const opened = await openMetrics({ inception: options.inception, cwd, environment, registry });
  const wanted = pickMetrics(opened, options.metric);
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
    count: options.metricImages,
    seed: config.seed,
    detector: opened.detector,
  };
  const real = statisticsOnce(asked, measuring, terminal.note);
  return {
    every: options.metricEvery,
    better: Object.fromEntries(wanted.map(({ id, better }) => [id, better])),
    async run(step) {
      const results: Record<string, number> = {};
      for (const metric of wanted) {
        const { result } = await measureSampler({ ...asked, metric, real }, measuring);
        results[result.id] = result.value;
        terminal.note(`step ${step}: ${formatResult(result)}, ${options.metricImages} images`);
      }
      return results;
    },
  };
}
