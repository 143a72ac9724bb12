import type { Registry } from "@ganymede/core";
import { formatResult } from "../evaluate/measure.js";
import type { Measurement } from "../run/run-training.js";
import { measureSampler } from "./measure-sampler.js";
import { openMetrics, pickMetrics } from "./open-metrics.js";
import type { Training } from "./open-training.js";
import type { RunContext } from "./run-context.js";

export interface MeasureOptions {
  /** Comma-separated ids; nothing is measured where left out. */
  readonly metric: string | undefined;
  readonly metricEvery: number;
  readonly metricImages: number;
  readonly inception: string | undefined;
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
  return {
    every: options.metricEvery,
    better: Object.fromEntries(wanted.map(({ id, better }) => [id, better])),
    async run(step) {
      const results: Record<string, number> = {};
      for (const metric of wanted) {
        const { result } = await measureSampler({ ...asked, metric }, measuring);
        results[result.id] = result.value;
        terminal.note(`step ${step}: ${formatResult(result)}, ${options.metricImages} images`);
      }
      return results;
    },
  };
}
