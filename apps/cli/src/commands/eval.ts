import { resolve } from "node:path";
import type { Dataset, MetricResult, Registry } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { openDataset } from "@ganymede/data";
import { loadRegistry } from "../config/registry.js";
import type { CommandContext } from "../context.js";
import { exists } from "../run/files.js";
import type { AnyMetric, MeasureContext } from "../run/measure.js";
import { accumulate, chosenIndices, datasetImages, formatResult, realStatistics } from "../run/measure.js";
import { measureSampler } from "../run/measure-sampler.js";
import type { OpenedMetrics } from "../run/open-metrics.js";
import { openMetrics, pickMetrics } from "../run/open-metrics.js";
import { openSampler } from "../run/open-sampler.js";
import { openFor } from "../run/prepare-run.js";
import { runPaths } from "../run/run-folder.js";
import { startBackend } from "../run/start-backend.js";
import { stopOnSignals } from "../run/stop-signal.js";
import type { BackendOption, SharedOptions, StandingOptions } from "./shared-options.js";
import { standingOf } from "./shared-options.js";

export interface EvalOptions extends SharedOptions, BackendOption, StandingOptions {
  /** Comma-separated ids; the largest FID that can be had and swd where left out. */
  readonly metric: string | undefined;
  readonly count: number;
  readonly seed: number;
  readonly size: number | undefined;
  readonly inception: string | undefined;
}

/** Measures one metric on whatever is generated. */
type Measure = (metric: AnyMetric) => Promise<MetricResult>;

/** A place as it was typed where it is a spec, else from the folder of the command. */
async function placeFrom(cwd: string, place: string): Promise<string> {
  const path = resolve(cwd, place);
  return (await exists(path)) ? path : place;
}

/** The largest FID of the network that was found, and the distance that needs none. */
function defaultMetrics(opened: OpenedMetrics): readonly AnyMetric[] {
  const fids = opened.list.filter(({ id }) => id.startsWith("fid-"));
  return [...fids.slice(-1), ...opened.list.filter(({ id }) => id === "swd")];
}

/** Opens both datasets in one size and in colour where either is; metrics compare like with like. */
async function openPair(registry: Registry, places: readonly [string, string], size: number | undefined) {
  const sources = registry.list("datasets");
  const first = await openDataset(sources, places[0], size === undefined ? {} : { size });
  const [height, width, channels] = first.imageShape;
  if (height !== width) {
    throw new GanymedeError("invalid-argument", `eval: images must be square, got ${height} x ${width}; give --size`);
  }
  const second = await openDataset(sources, places[1], { size: height, channels: channels === 1 ? 1 : 3 });
  return [first, second] as const;
}

/** Measures a run's samples, or a set of images, against real images. */
export async function evalCommand(
  generated: string,
  real: string | undefined,
  options: EvalOptions,
  context: CommandContext,
): Promise<number> {
  const { terminal, cwd } = context;
  const registry = await loadRegistry(await context.builtIn(), { ...options, cwd: context.cwd });
  const place = await placeFrom(cwd, generated);
  const isRun = place.endsWith(".safetensors") || (await exists(runPaths.config(place)));
  if (!isRun && standingOf(options) !== undefined) {
    throw new GanymedeError(
      "invalid-argument",
      `--standing-passes: there must be a generator to gather statistics of, got the images "${generated}"; leave it out`,
    );
  }
  if (!isRun && real === undefined) {
    throw new GanymedeError(
      "invalid-argument",
      `eval: a folder of images must be measured against real images, got "${generated}" alone; name them too: ganymede eval ${generated} <real>`,
    );
  }
  await startBackend(registry, options, terminal);
  const opened = await openMetrics({ ...options, cwd, environment: context.environment, registry });
  const stop = stopOnSignals(context.signals, terminal.note);
  const measuring: MeasureContext = {
    environment: context.environment,
    signal: stop.signal,
    onProgress: (label, done, total) => terminal.status(`Measuring ${label}: ${done} of ${total}`),
  };
  const closing: Dataset[] = [];
  try {
    const wanted = options.metric === undefined ? defaultMetrics(opened) : pickMetrics(opened, options.metric);
    const measure = isRun
      ? await sampleMeasure(registry, place, real, options, opened, measuring, closing, cwd)
      : await imageMeasure(
          registry,
          [place, await placeFrom(cwd, real as string)],
          options,
          opened,
          measuring,
          closing,
        );
    for (const metric of wanted) {
      const result = await measure(metric);
      terminal.status("");
      if (options.json) terminal.out(JSON.stringify(result));
      else terminal.out(`${formatResult(result)}  ${counts(result)}`);
    }
    return 0;
  } finally {
    stop.release();
    opened.dispose();
    for (const dataset of closing) await dataset.close?.();
  }
}

function counts({ details }: MetricResult): string {
  const { realImages, generatedImages } = details;
  return realImages === undefined ? `${generatedImages} images` : `${generatedImages} images against ${realImages}`;
}

async function sampleMeasure(
  registry: Registry,
  place: string,
  real: string | undefined,
  options: EvalOptions,
  opened: OpenedMetrics,
  measuring: MeasureContext,
  closing: Dataset[],
  cwd: string,
): Promise<Measure> {
  const sampler = await openSampler(registry, place, standingOf(options));
  const { config } = sampler.checkpoint;
  const images = real === undefined ? config.data?.place : await placeFrom(cwd, real);
  if (images === undefined) {
    throw new GanymedeError(
      "invalid-argument",
      "eval: imported weights have no data of their own, so real images must be given, got none; name them after the run",
    );
  }
  const dataset = await openFor(registry, config, images);
  closing.push(dataset);
  const { count, seed } = options;
  const { detector } = opened;
  return (metric) => measureSampler({ metric, sampler, dataset, count, seed, detector }, measuring);
}

async function imageMeasure(
  registry: Registry,
  places: readonly [string, string],
  options: EvalOptions,
  opened: OpenedMetrics,
  measuring: MeasureContext,
  closing: Dataset[],
): Promise<Measure> {
  const [images, dataset] = await openPair(registry, places, options.size);
  closing.push(images, dataset);
  const { count } = options;
  return async (metric) => {
    const reference = await realStatistics(metric, dataset, count, opened.detector, measuring);
    const indices = chosenIndices(images.length, count);
    const shown = datasetImages(images, indices);
    const state = await accumulate(metric, shown, images.imageShape, "images", indices.length, measuring);
    return metric.finish(reference, state);
  };
}
