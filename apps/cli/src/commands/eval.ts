import type { Dataset, Ref, Registry } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import type { AnyMetric, BackendOption, MeasureContext, Measured } from "@ganymede/training";
import { formatResult } from "@ganymede/training";
import type { OpenedMetrics } from "@ganymede/training/node";
import {
  exists,
  measureImages,
  measureSampler,
  openEach,
  openFor,
  openMetrics,
  openPair,
  openSampler,
  placeFrom,
  runPaths,
  startBackend,
} from "@ganymede/training/node";
import { loadRegistryFor } from "../config/registry.js";
import type { CommandContext } from "../context.js";
import { stopOnSignals } from "../run/stop-signal.js";
import { parseMetrics } from "./parse-ref.js";
import type { SharedOptions, StandingOptions } from "./shared-options.js";
import { standingOf } from "./shared-options.js";

export interface EvalOptions extends SharedOptions, BackendOption, StandingOptions {
  /** See `parseMetrics`. Default: FID on the largest features, if its network is available, and swd. */
  readonly metric: string | undefined;
  readonly count: number;
  readonly seed: number;
  readonly size: number | undefined;
  readonly inception: string | undefined;
  /** False for `--no-cache`. */
  readonly cache: boolean;
}

/** Measures one metric on the generated images. */
type Measure = (metric: AnyMetric) => Promise<Measured>;

/** FID on the largest features if its network is available, and swd, which needs none. */
async function defaultMetrics(registry: Registry, opened: OpenedMetrics): Promise<readonly Ref[]> {
  const known = ["fid", "swd"].filter((id) => registry.owner("metrics", id) !== undefined);
  const needs = await Promise.all(known.map((id) => opened.needs(id)));
  return known.filter((_, index) => needs[index] === null);
}

/** Measures samples of a run, or a set of images, against real images. */
export async function evalCommand(
  generated: string,
  real: string | undefined,
  options: EvalOptions,
  context: CommandContext,
): Promise<number> {
  const { terminal, cwd } = context;
  const registry = await loadRegistryFor(generated, context.builtIn, { ...options, cwd });
  const place = await placeFrom(cwd, generated);
  const isRun = place.endsWith(".safetensors") || (await exists(runPaths.config(place)));
  if (!isRun && standingOf(options) !== undefined) {
    throw new GanymedeError(
      "invalid-argument",
      `--standing-passes: it needs a generator, got the images "${generated}"; remove it`,
    );
  }
  if (!isRun && real === undefined) {
    throw new GanymedeError(
      "invalid-argument",
      `eval: a folder of images must be measured against real images, got "${generated}" alone; give both: ganymede eval ${generated} <real>`,
    );
  }
  await startBackend(registry, options, terminal);
  const opened = openMetrics({ inception: options.inception, cwd, environment: context.environment, registry });
  const stop = stopOnSignals(context.signals, terminal.note);
  const measuring: MeasureContext = {
    environment: context.environment,
    signal: stop.signal,
    cache: options.cache,
    onNote: terminal.note,
    onProgress: (label, done, total) => terminal.status(`Measuring ${label}: ${done} of ${total}`),
  };
  const closing: Dataset[] = [];
  try {
    const refs = options.metric === undefined ? await defaultMetrics(registry, opened) : parseMetrics(options.metric);
    const wanted = await openEach(opened, refs);
    const measure = isRun
      ? await sampleMeasure(registry, place, real, options, measuring, closing, context)
      : await imageMeasure(registry, [place, await placeFrom(cwd, real as string)], options, measuring, closing);
    for (const { notes = [] } of closing) notes.forEach(terminal.note);
    for (const metric of wanted) {
      const measured = await measure(metric);
      terminal.status("");
      terminal.out(options.json ? jsonLine(measured) : textLine(measured));
    }
    return 0;
  } finally {
    stop.release();
    opened.dispose();
    for (const dataset of closing) await dataset.close?.();
  }
}

/** A JSON line: the result with both image sizes, and whether the real statistics were cached. */
function jsonLine({ result, cached, sizes }: Measured): string {
  return JSON.stringify({ ...result, ...sizes, realStatistics: cached ? "cached" : "computed" });
}

/** A text line: the value, the images of both sides with their sizes, the protocol, and whether real statistics came from the cache. */
function textLine({ result, cached, sizes }: Measured): string {
  const { realImages, generatedImages } = result.details;
  const side = (count: number | undefined, [height, width, channels]: Measured["sizes"]["real"]) =>
    `${count} ${channels === 1 ? "grey" : "colour"} images of ${height} x ${width}`;
  const generated = side(generatedImages, sizes.generated);
  const real = realImages === undefined ? "" : ` against ${side(realImages, sizes.real)}`;
  const kept = cached && realImages !== undefined ? " (real statistics from the cache)" : "";
  const protocol = result.protocol === undefined ? "" : `; ${result.protocol}`;
  return `${formatResult(result)}  ${generated}${real}${kept}${protocol}`;
}

async function sampleMeasure(
  registry: Registry,
  place: string,
  real: string | undefined,
  options: EvalOptions,
  measuring: MeasureContext,
  closing: Dataset[],
  { cwd, terminal }: CommandContext,
): Promise<Measure> {
  const sampler = await openSampler(registry, place, standingOf(options), terminal.note);
  const { config } = sampler.checkpoint;
  const images = real === undefined ? config.data?.place : await placeFrom(cwd, real);
  if (images === undefined) {
    throw new GanymedeError(
      "invalid-argument",
      "eval: imported weights have no data of their own, so real images are required, got none; give them after the run",
    );
  }
  const dataset = await openFor(registry, config, images);
  closing.push(dataset);
  const { count, seed } = options;
  return (metric) => measureSampler({ metric, sampler, dataset, count, seed }, measuring);
}

async function imageMeasure(
  registry: Registry,
  places: readonly [string, string],
  options: EvalOptions,
  measuring: MeasureContext,
  closing: Dataset[],
): Promise<Measure> {
  const pair = await openPair(registry, places, options.size);
  closing.push(...pair);
  const { count } = options;
  return (metric) => measureImages(metric, pair, count, measuring);
}
