import { fold, key } from "@ganymede/core";
import type { Sampler } from "../sample/generate.js";
import { generateAll } from "../sample/generate.js";
import type { Sheet } from "./grid.js";
import { encodePng, enlarged, imageSheet } from "./grid.js";

/** Images per grid: 8 x 8, or 4 x 4 for large images. */
export function gridCount(imageShape: readonly [number, number, number]): number {
  return imageShape[0] <= 64 ? 64 : 16;
}

/** Small images are shown at twice their size. */
export function enlargement(imageShape: readonly [number, number, number]): number {
  return imageShape[0] <= 48 ? 2 : 1;
}

/** A grid of samples as pixels and PNG, with the same latents for the whole run so that grids can be compared. */
export async function drawGrid(
  sampler: Sampler,
  seed: number,
): Promise<{ readonly sheet: Sheet; readonly png: Uint8Array }> {
  const { imageShape } = sampler.model;
  const count = gridCount(imageShape);
  const images = await generateAll(sampler, { key: fold(key(seed), "grid"), count, batch: 16 });
  const sheet = enlarged(imageSheet(images, imageShape), enlargement(imageShape));
  return { sheet, png: await encodePng(sheet) };
}
