import type { Dataset, Metric, MetricResult, MetricState } from "@ganymede/core";
import { GanymedeError, key, permutation } from "@ganymede/core";

/** A metric whose state's type was forgotten; it is given only states of its own. */
export type AnyMetric = Metric<MetricState>;

export type ImageShape = readonly [number, number, number];

export interface MeasureContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Images measured so far, of so many. */
  readonly onProgress: (label: string, done: number, total: number) => void;
  /** Told what does not change a result: that its statistics could not be kept. */
  readonly onNote?: (text: string) => void;
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
