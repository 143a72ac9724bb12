import { fold, key } from "@ganymede/core";
import type { Files } from "./files.js";
import type { Sampler } from "./generate.js";
import { generateAll } from "./generate.js";
import { encodePng, imageSheet } from "./grid.js";

/** Images in a grid that training writes: 8 x 8, or 4 x 4 of large ones. */
export function gridCount(imageShape: readonly [number, number, number]): number {
  return imageShape[0] <= 64 ? 64 : 16;
}

/** Small images are shown at twice their size. */
export function enlargement(imageShape: readonly [number, number, number]): number {
  return imageShape[0] <= 48 ? 2 : 1;
}

/** A grid of samples as PNG; the same latents for the whole run, so that grids can be compared. */
export async function drawGrid(sampler: Sampler, seed: number): Promise<Uint8Array> {
  const { imageShape } = sampler.model;
  const count = gridCount(imageShape);
  const images = await generateAll(sampler, { key: fold(key(seed), "grid"), count, batch: 16 });
  return encodePng(imageSheet(images, imageShape), enlargement(imageShape));
}

/** Writes such a grid. */
export async function saveGrid(files: Files, path: string, sampler: Sampler, seed: number): Promise<void> {
  await files.writeAtomic(path, [await drawGrid(sampler, seed)]);
}
