import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Dataset, Metric, MetricResult, MetricState } from "@ganymede/core";
import { GanymedeError, key, permutation } from "@ganymede/core";
import { cacheFolder } from "@ganymede/data/node";
import { cachedStatistics } from "@ganymede/metrics/node";

/** A metric whose state's type was forgotten; it is given only states of its own. */
export type AnyMetric = Metric<MetricState>;

type ImageShape = readonly [number, number, number];

export interface MeasureContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Images measured so far, of so many. */
  readonly onProgress: (label: string, done: number, total: number) => void;
  /** False leaves the cache of real statistics alone. Default: true. */
  readonly cache?: boolean;
}

/** Images of a dataset that stand for it: all, or a fixed random choice of so many. */
export function chosenIndices(length: number, count: number): Uint32Array {
  if (count >= length) return Uint32Array.from({ length }, (_, i) => i);
  return permutation(key(0), length).slice(0, count).sort();
}

/** The chosen images in batches of uint8. */
export async function* datasetImages(
  dataset: Dataset,
  indices: Uint32Array,
  batch = 64,
): AsyncGenerator<Uint8Array, void, void> {
  for (let first = 0; first < indices.length; first += batch) yield dataset.read(indices.slice(first, first + batch));
}

/** Adds all images to a fresh state. */
export async function accumulate(
  metric: AnyMetric,
  images: AsyncIterable<Uint8Array>,
  imageShape: ImageShape,
  label: string,
  total: number,
  context: MeasureContext,
): Promise<MetricState> {
  const state = metric.start();
  const bytes = imageShape[0] * imageShape[1] * imageShape[2];
  let done = 0;
  for await (const batch of images) {
    if (context.signal.aborted) {
      throw new GanymedeError("interrupted", "measuring: it was stopped before the last image; run again to measure");
    }
    await metric.add(state, batch, [batch.length / bytes, ...imageShape]);
    done += batch.length / bytes;
    context.onProgress(label, done, total);
  }
  return state;
}

/** Hashes of pixels that were already taken, by the images' indices: images do not change under an open dataset. */
const hashes = new WeakMap<Dataset, Map<string, Promise<string>>>();

/** A dataset's id with a fingerprint of the images that are measured, since folders of one name may hold different ones. */
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

/** Statistics of real images, and whether they were in the cache. */
export interface RealStatistics {
  readonly state: MetricState;
  readonly cached: boolean;
}

/** Statistics of `count` real images, from the cache where they are known and it may be used. */
export async function realStatistics(
  metric: AnyMetric,
  dataset: Dataset,
  count: number,
  detector: string | undefined,
  context: MeasureContext,
): Promise<RealStatistics> {
  const { imageShape } = dataset;
  const indices = chosenIndices(dataset.length, count);
  const compute = () =>
    accumulate(metric, datasetImages(dataset, indices), imageShape, "real images", indices.length, context);
  if (context.cache === false) return { state: await compute(), cached: false };
  const known = { dataset: await fingerprinted(dataset, indices), images: indices.length, imageShape };
  return cachedStatistics(
    join(cacheFolder(context.environment), "statistics"),
    metric,
    { ...known, ...(detector !== undefined && { detector }) },
    compute,
  );
}

/** A result, and what it was measured on. */
export interface Measured {
  readonly result: MetricResult;
  /** True where the statistics of the real images came from the cache. */
  readonly cached: boolean;
  /** `[H, W, C]` of both sides. */
  readonly sizes: { readonly real: ImageShape; readonly generated: ImageShape };
}

/** `fid-768 31.400`, with the deviation where there is one. */
export function formatResult({ id, value, details }: MetricResult): string {
  const deviation = details.deviation === undefined ? "" : ` (deviation ${details.deviation.toPrecision(3)})`;
  return `${id} ${value.toPrecision(5)}${deviation}`;
}
