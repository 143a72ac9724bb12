import { resolve } from "node:path";
import type { Dataset, MetricResult, Ref, Registry } from "@ganymede/core";
import { openDataset } from "@ganymede/data";
import type { AnyMetric, MeasureContext, Measured } from "../evaluate/measure.js";
import { accumulate, chosenIndices, datasetImages } from "../evaluate/measure.js";
import { backendOf } from "../run/train-options.js";
import { exists } from "./files.js";
import { libraryRegistry } from "./library-registry.js";
import type { TrainOptions } from "./node-train-options.js";
import { openEach, openMetrics } from "./open-metrics.js";
import { quietContext } from "./quiet-context.js";
import { realStatistics } from "./real-statistics.js";
import type { RunContext } from "./run-context.js";

/** Images and metrics of `calculateMetrics`. */
export interface CalculateMetricsOptions extends Pick<TrainOptions, "plugins" | "registry" | "backend" | "threads"> {
  /** Generated images: a folder of images or another dataset. */
  readonly generated: string | Dataset;
  readonly real: string | Dataset;
  /** Metrics, such as `swd`, `fid-2048` or `{ id: "fid", extractor: "mine" }`. */
  readonly metrics: readonly Ref[];
  /** Most images per side. Default: 10,000. */
  readonly count?: number;
  /** Resizes both sides to squares of this many pixels. Default: each keeps its own size. */
  readonly size?: number;
  /** Weights of the FID Inception network: a file or folder. Default: searched for. */
  readonly inception?: string;
  /** Cache the statistics of the real images. Default: true. */
  readonly cache?: boolean;
  readonly signal?: AbortSignal;
  readonly context?: Partial<RunContext>;
}

/** A dataset path or spec; paths are relative to `cwd`. */
export async function placeFrom(cwd: string, place: string): Promise<string> {
  const path = resolve(cwd, place);
  return (await exists(path)) ? path : place;
}

/**
 * Opens both datasets, each in its own size unless `size` is given: the preprocessing of a metric, not a resize before it, decides what is
 * compared. Grey images compared with colour are repeated over three channels. The caller closes both.
 */
export async function openPair(
  registry: Registry,
  places: readonly [string, string],
  size: number | undefined,
): Promise<readonly [Dataset, Dataset]> {
  const sources = registry.list("datasets");
  const sized = size === undefined ? {} : { size };
  const pair = [await openDataset(sources, places[0], sized), await openDataset(sources, places[1], sized)] as [
    Dataset,
    Dataset,
  ];
  const colour = pair.some(({ imageShape }) => imageShape[2] === 3);
  for (const [index, dataset] of pair.entries()) {
    if (!colour || dataset.imageShape[2] === 3) continue;
    await dataset.close?.();
    pair[index] = await openDataset(sources, places[index] as string, { ...sized, channels: 3 });
  }
  return pair;
}

/** Compares `count` generated images with as many real ones; fewer if there are fewer. */
export async function measureImages(
  metric: AnyMetric,
  [images, dataset]: readonly [Dataset, Dataset],
  count: number,
  context: MeasureContext,
): Promise<Measured> {
  const reference = await realStatistics(metric, dataset, count, context);
  const indices = chosenIndices(images.length, count);
  const shown = datasetImages(images, indices);
  const state = await accumulate(metric, shown, images.imageShape, "images", indices.length, context);
  const sizes = { real: dataset.imageShape, generated: images.imageShape };
  return { result: metric.finish(reference.state, state), cached: reference.cached, sizes };
}

/**
 * Computes distances between generated and real images.
 *
 * @throws GanymedeError `unknown-name` for a metric that is not available, with the reason; `missing-file`, `invalid-data`.
 */
export async function calculateMetrics(options: CalculateMetricsOptions): Promise<readonly MetricResult[]> {
  const { generated, real, count = 10_000, size, inception, cache, signal = new AbortController().signal } = options;
  const { cwd, environment, terminal } = quietContext(options.context);
  const registry = libraryRegistry(options);
  await backendOf(registry, options);
  const opened = openMetrics({ inception, cwd, environment, registry });
  const closing: Dataset[] = [];
  try {
    const wanted = await openEach(opened, options.metrics);
    const open = async (place: string): Promise<Dataset> => {
      const dataset = await openDataset(
        registry.list("datasets"),
        await placeFrom(cwd, place),
        size === undefined ? {} : { size },
      );
      closing.push(dataset);
      return dataset;
    };
    let pair: readonly [Dataset, Dataset];
    if (typeof generated === "string" && typeof real === "string") {
      pair = await openPair(registry, [await placeFrom(cwd, generated), await placeFrom(cwd, real)], size);
      closing.push(...pair);
    } else {
      const either = async (side: string | Dataset) => (typeof side === "string" ? open(side) : side);
      pair = [await either(generated), await either(real)];
    }
    const measuring: MeasureContext = {
      environment,
      signal,
      onNote: terminal.note,
      onProgress: (label, done, total) => terminal.status(`Measuring ${label}: ${done} of ${total}`),
      ...(cache !== undefined && { cache }),
    };
    const results: MetricResult[] = [];
    for (const metric of wanted) {
      results.push((await measureImages(metric, pair, count, measuring)).result);
    }
    return results;
  } finally {
    opened.dispose();
    for (const dataset of closing) await dataset.close?.();
  }
}
