import type { AdversarialModel } from "@ganymede/core";
import { fold, key } from "@ganymede/core";
import { toBytes } from "@ganymede/data";
import { drawLabels, drawLatents } from "../latents.js";
import type { OnRows } from "../load-sampler.js";

/** Latents `[count, latentSize]` or styles of images, with classes if the model has them. */
export interface Sources {
  readonly values: Float32Array;
  readonly count: number;
  readonly labels?: Int32Array;
}

/** Which images are drawn. */
export interface SourceOptions {
  readonly seed: number;
  /** Bound of latents; none if undefined. */
  readonly truncation: number | undefined;
  /** Class of all images; drawn for each image if undefined. */
  readonly class: number | undefined;
}

/** Images from `first` on of a seed: image i depends only on the seed and i. */
export function drawSources(model: AdversarialModel, options: SourceOptions, first: number, count: number): Sources {
  const from = fold(key(options.seed), "sample");
  const values = drawLatents(from, first, count, model.latentSize, options.truncation);
  if (model.classes === undefined) return { values, count };
  const labels =
    options.class === undefined
      ? drawLabels(from, first, count, model.classes)
      : new Int32Array(count).fill(options.class);
  return { values, count, labels };
}

/** The rows `at`, in this order. */
export function pickRows({ values, count, labels }: Sources, at: readonly number[]): Sources {
  const width = values.length / count;
  const picked = new Float32Array(at.length * width);
  for (const [to, from] of at.entries()) picked.set(values.subarray(from * width, (from + 1) * width), to * width);
  return {
    values: picked,
    count: at.length,
    ...(labels && { labels: Int32Array.from(at, (i) => labels[i] as number) }),
  };
}

/** Most rows per call. */
const most = 16;

/** Results of all rows, batch by batch; the last batch is padded, so that a compiled function is traced only once. */
async function* batches(run: OnRows, { values, count, labels }: Sources): AsyncGenerator<Float32Array, void, void> {
  const batch = Math.min(count, most);
  const width = values.length / count;
  for (let first = 0; first < count; first += batch) {
    const rows = new Float32Array(batch * width);
    rows.set(values.subarray(first * width, (first + batch) * width));
    const classes = labels && new Int32Array(batch);
    classes?.set(labels?.subarray(first, first + batch) as Int32Array);
    const out = await run(rows, batch, classes);
    yield out.subarray(0, (out.length / batch) * Math.min(batch, count - first));
  }
}

/** Images of all sources as bytes, `[count, H, W, C]`. */
export async function drawImages(run: OnRows, sources: Sources): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of batches(run, sources)) parts.push(toBytes(part));
  return joinBytes(parts);
}

/** Concatenates arrays. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Styles of all sources. */
export async function drawStyles(run: OnRows, sources: Sources): Promise<Sources> {
  const parts: Float32Array[] = [];
  for await (const part of batches(run, sources)) parts.push(part);
  const values = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    values.set(part, at);
    at += part.length;
  }
  return { ...sources, values };
}
