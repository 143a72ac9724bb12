import type { Dataset, Metric, MetricResult, MetricState } from "@ganymede/core";
import { GanymedeError, key, permutation } from "@ganymede/core";

/** A metric with its state type erased; it only gets states that it created. */
export type AnyMetric = Metric<MetricState>;

export type ImageShape = readonly [number, number, number];

/** Callbacks and options of a measurement. */
export interface MeasureContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Called with the number of images measured so far and the total. */
  readonly onProgress: (label: string, done: number, total: number) => void;
  /** Called with notes that do not affect a result, such as that statistics could not be cached. */
  readonly onNote?: (text: string) => void;
  /** False bypasses the cache of reference statistics. Default: true. */
  readonly cache?: boolean;
}

/** Indices of all images of a dataset, or of a fixed random subset of `count`. */
export function chosenIndices(length: number, count: number): Uint32Array {
  if (count >= length) return Uint32Array.from({ length }, (_, i) => i);
  return permutation(key(0), length).slice(0, count).sort();
}

/** The images at the indices, in batches of uint8. */
export async function* datasetImages(
  dataset: Dataset,
  indices: Uint32Array,
  batch = 64,
): AsyncGenerator<Uint8Array, void, void> {
  for (let first = 0; first < indices.length; first += batch) yield dataset.read(indices.slice(first, first + batch));
}

/** Adds all images to a new state. */
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
      throw new GanymedeError("interrupted", "measuring was interrupted before the last image; run it again");
    }
    await metric.add(state, batch, [batch.length / bytes, ...imageShape]);
    done += batch.length / bytes;
    context.onProgress(label, done, total);
  }
  return state;
}

/** A result and what it was measured on. */
export interface Measured {
  readonly result: MetricResult;
  /** True if the reference statistics came from the cache. */
  readonly cached: boolean;
  /** `[H, W, C]` of both sides. */
  readonly sizes: { readonly real: ImageShape; readonly generated: ImageShape };
}

/** Formats a result, such as `fid-768 31.400`, with its standard deviation if it has one. */
export function formatResult({ id, value, details }: MetricResult): string {
  const deviation = details.deviation === undefined ? "" : ` (deviation ${details.deviation.toPrecision(3)})`;
  return `${id} ${value.toPrecision(5)}${deviation}`;
}
