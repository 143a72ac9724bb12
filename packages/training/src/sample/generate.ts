import type { Key } from "@ganymede/core";
import { toBytes } from "@ganymede/data";
import type { Trainer } from "../run/trainer.js";
import { drawLabels, drawLatents } from "./latents.js";

/** What images are sampled from. */
export type Sampler = Pick<Trainer, "model" | "sample">;

export interface GenerateOptions {
  readonly key: Key;
  readonly count: number;
  /** Images per batch; constant, so that a compiled generator is traced only once. */
  readonly batch: number;
  readonly truncation?: number;
}

/** uint8 images of the generator's EMA in batches `[batch, H, W, C]`, the last one smaller; image i and its class depend only on (key, i). */
export async function* generateImages(
  sampler: Sampler,
  options: GenerateOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const { latentSize, imageShape, classes } = sampler.model;
  const bytes = imageShape[0] * imageShape[1] * imageShape[2];
  for (let first = 0; first < options.count; first += options.batch) {
    const z = drawLatents(options.key, first, options.batch, latentSize, options.truncation);
    const labels = classes === undefined ? undefined : drawLabels(options.key, first, options.batch, classes);
    const images = toBytes(await sampler.sample(z, options.batch, labels));
    yield images.subarray(0, Math.min(options.batch, options.count - first) * bytes);
  }
}

/** All images at once, `[count, H, W, C]`. */
export async function generateAll(sampler: Sampler, options: GenerateOptions): Promise<Uint8Array> {
  const { imageShape } = sampler.model;
  const out = new Uint8Array(options.count * imageShape[0] * imageShape[1] * imageShape[2]);
  let at = 0;
  for await (const images of generateImages(sampler, options)) {
    out.set(images, at);
    at += images.length;
  }
  return out;
}
