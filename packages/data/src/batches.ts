import type { Dataset, Key } from "@ganymede/core";
import { fold } from "@ganymede/core";
import { batchOrder, mirrorFlips } from "./batch-order.js";
import { toSignedUnit } from "./signed-unit.js";

/** Real images of one step. */
export interface Batch {
  readonly step: number;
  readonly indices: Uint32Array;
  /** float32 in [-1, 1]; the caller owns the buffer. */
  readonly images: Float32Array;
  /** `[B, H, W, C]`. */
  readonly shape: readonly [number, number, number, number];
  /** Class of each image; absent if the data has none. */
  readonly labels?: Int32Array;
}

/** Options of `batches`. */
export interface BatchOptions {
  /** Determines the order and the flips. */
  readonly key: Key;
  /** Images per step. */
  readonly batch: number;
  /** Flip each image horizontally with probability 1/2. */
  readonly mirror: boolean;
}

/** Creates the batch of any step: a step always has the same images, whatever steps were requested before. */
export function batches(dataset: Dataset, options: BatchOptions): (step: number) => Promise<Batch> {
  const order = batchOrder(fold(options.key, "order"), dataset.length);
  const mirrorKey = fold(options.key, "mirror");
  const shape = [options.batch, ...dataset.imageShape] as const;
  return async (step) => {
    const indices = order(step, options.batch);
    const pixels = await dataset.read(indices);
    const flips = options.mirror ? mirrorFlips(mirrorKey, step, options.batch) : undefined;
    const images = toSignedUnit(pixels, shape, flips);
    const { labels } = dataset;
    if (labels === undefined) return { step, indices, images, shape };
    return { step, indices, images, shape, labels: Int32Array.from(indices, (index) => labels[index] as number) };
  };
}
