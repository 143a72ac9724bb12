import type { Ref, Registry } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import type { AnyMetric, MeasureContext } from "@ganymede/training";
import type { Files, Training } from "@ganymede/training/node";
import {
  appendMetrics,
  drawGrid,
  measureSampler,
  openMetrics,
  readMetrics,
  runPaths,
  statisticsOnce,
} from "@ganymede/training/node";
import type { CommandContext } from "../context.js";

/** Measures samples of the current model. */
export type Measure = (when: string) => Promise<number>;

export interface OpenMeasureOptions {
  readonly registry: Registry;
  readonly training: Training;
  /** `--inception`. */
  readonly inception: string | undefined;
  /** Images per side of a measurement. */
  readonly images: number;
  /** A metric. Default: `preferred` if it is available, else `swd`, which needs no network. */
  readonly wanted: Ref | undefined;
  readonly preferred: string;
  /** Whether to cache the statistics of the real images. */
  readonly cache: boolean;
  readonly signal: AbortSignal;
}

/** Measures the distance to the data of a run. The caller disposes it. */
export async function openMeasure(
  { registry, training, inception, images, wanted, preferred, cache, signal }: OpenMeasureOptions,
  { terminal, cwd, environment }: CommandContext,
): Promise<{ readonly metric: AnyMetric; readonly measure: Measure; dispose(): void }> {
  const { trainer, dataset, config } = training;
  const opened = openMetrics({ inception, cwd, environment, registry });
  const missing = wanted === undefined ? await opened.needs(preferred) : null;
  const metric = await opened.open(wanted ?? (missing === null ? preferred : "swd"));
  terminal.note(`Metric: ${metric.id}${missing === null ? "" : `; ${preferred} needs ${missing}`}`);
  const asked = { metric, sampler: trainer, dataset, count: images, seed: config.seed };
  let now = "";
  const measuring: MeasureContext = {
    environment,
    signal,
    cache,
    onNote: terminal.note,
    onProgress: (label, done, total) => terminal.status(`Measuring ${now}, ${label}: ${done} of ${total}`),
  };
  const real = statisticsOnce(asked, measuring, terminal.note);
  const measure: Measure = async (when) => {
    now = when;
    const { result } = await measureSampler({ ...asked, real }, measuring);
    terminal.status("");
    terminal.note(`${metric.id} ${when}: ${result.value.toPrecision(4)}`);
    return result.value;
  };
  return { metric, measure, dispose: opened.dispose };
}

/** Inputs of `openingOf`. */
export interface OpeningOptions {
  readonly out: string;
  readonly training: Training;
  readonly metric: AnyMetric;
  readonly measure: Measure;
  /** Images per side of a measurement. */
  readonly images: number;
}

/** A run before its first step. */
export interface Opening {
  /** The distance to the data. */
  readonly before: number;
  /** Claims the folder, and writes what is known before the first step: the distance and a grid. */
  begin(): Promise<void>;
}

/**
 * Measures and draws the model before training; for an interrupted run the distance is read from its log. Writes nothing yet.
 *
 * @throws GanymedeError `invalid-argument` for a run that started with another metric or number of images.
 */
export async function openingOf(
  { out, training, metric, measure, images }: OpeningOptions,
  files: Files,
): Promise<Opening> {
  const { trainer, config, resumed } = training;
  const lines = resumed ? await readMetrics(out) : [];
  const logged = lines.find((line) => line.step === 0 && line.measured === images)?.[metric.id];
  const isLogged = typeof logged === "number";
  if (!isLogged && trainer.step > 0) {
    throw new GanymedeError(
      "invalid-argument",
      `${out}: a run keeps its metric and number of images, which are not ${metric.id} and ${images}; use those that it started with, or another --out`,
    );
  }
  const before = isLogged ? logged : await measure("before training");
  const grid = trainer.step === 0 ? await drawGrid(trainer, config.seed) : null;
  return {
    before,
    async begin() {
      await training.begin();
      if (!isLogged) await appendMetrics(files, out, { step: 0, images: 0, measured: images, [metric.id]: before });
      if (grid !== null) await files.writeAtomic(runPaths.sample(out, 0), [grid.png]);
    },
  };
}
