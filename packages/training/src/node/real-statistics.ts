import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Dataset, MetricState } from "@ganymede/core";
import { cacheFolder } from "@ganymede/data/node";
import { cachedStatistics } from "@ganymede/metrics/node";
import type { AnyMetric, MeasureContext } from "../evaluate/measure.js";
import { accumulate, chosenIndices, datasetImages } from "../evaluate/measure.js";

/** Pixel hashes by image indices: the images of an open dataset do not change. */
const hashes = new WeakMap<Dataset, Map<string, Promise<string>>>();

/** The dataset's id with a fingerprint of the measured images, because different folders may share a name. */
async function fingerprinted(dataset: Dataset, indices: Uint32Array): Promise<string> {
  const own = dataset.fingerprint?.();
  if (own !== undefined) return `${dataset.id}-${(await own).slice(0, 16)}`;
  const known = hashes.get(dataset) ?? new Map<string, Promise<string>>();
  hashes.set(dataset, known);
  const chosen = indices.join();
  const taken = known.get(chosen) ?? hashOfPixels(dataset, indices);
  known.set(chosen, taken);
  return `${dataset.id}-${(await taken).slice(0, 16)}`;
}

async function hashOfPixels(dataset: Dataset, indices: Uint32Array): Promise<string> {
  const hash = createHash("sha256").update(`${dataset.length} of ${dataset.imageShape.join("x")}`);
  for await (const batch of datasetImages(dataset, indices)) hash.update(batch);
  return hash.digest("hex");
}

/** Statistics of real images, and whether they came from the cache. */
export interface RealStatistics {
  readonly state: MetricState;
  readonly cached: boolean;
}

/** Statistics of `count` real images, from the cache if it has them and may be used. */
export async function realStatistics(
  metric: AnyMetric,
  dataset: Dataset,
  count: number,
  context: MeasureContext,
): Promise<RealStatistics> {
  const { imageShape } = dataset;
  const indices = chosenIndices(dataset.length, count);
  const compute = () =>
    accumulate(metric, datasetImages(dataset, indices), imageShape, "real images", indices.length, context);
  if (context.cache === false) return { state: await compute(), cached: false };
  const known = { dataset: await fingerprinted(dataset, indices), images: indices.length, imageShape };
  const { state, cached, notKept } = await cachedStatistics(
    join(cacheFolder(context.environment), "statistics"),
    metric,
    { ...known, ...(metric.extractor !== undefined && { extractor: metric.extractor }) },
    compute,
  );
  if (notKept !== undefined) context.onNote?.(notKept);
  return { state, cached };
}

/**
 * The reference statistics of a run, computed or read once per metric.
 *
 * @param note called once if they came from the cache.
 */
export function statisticsOnce(
  { dataset, count }: { readonly dataset: Dataset; readonly count: number },
  context: MeasureContext,
  note: (text: string) => void,
): (metric: AnyMetric) => Promise<RealStatistics> {
  const known = new Map<string, RealStatistics>();
  let isTold = false;
  return async (metric) => {
    const real = known.get(metric.id) ?? (await realStatistics(metric, dataset, count, context));
    known.set(metric.id, real);
    if (real.cached && !isTold)
      note("Statistics of the real images come from the cache; `cache: false` computes them again");
    isTold ||= real.cached;
    return real;
  };
}
