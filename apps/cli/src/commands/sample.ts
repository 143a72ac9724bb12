import { join, resolve } from "node:path";
import { fold, GanymedeError, key } from "@ganymede/core";
import { toBytes } from "@ganymede/data";
import { loadRegistry } from "../config/registry.js";
import type { CommandContext } from "../context.js";
import type { Sampler } from "../run/generate.js";
import { generateAll } from "../run/generate.js";
import { encodePng, imageSheet } from "../run/grid.js";
import { drawLabels, drawLatents, interpolateLatents } from "../run/latents.js";
import { openSampler } from "../run/open-sampler.js";
import { enlargement } from "../run/save-grid.js";
import { startBackend } from "../run/start-backend.js";
import { truncateStyles } from "../run/truncate-styles.js";
import type { BackendOption, SharedOptions } from "./shared-options.js";

export interface SampleOptions extends SharedOptions, BackendOption {
  /** Images, or rows of an interpolation; 64 or 8 where left out. */
  readonly count: number | undefined;
  readonly seed: number;
  readonly truncation: number | undefined;
  /** How far styles stay from their mean; absent for as they come. */
  readonly psi: number | undefined;
  readonly out: string | undefined;
  /** One PNG per image instead of a grid. */
  readonly single: boolean;
  /** A strip from one image to another, of so many images, instead of a grid. */
  readonly interpolate: number | undefined;
}

/** Images between `count` pairs of latents, one row each. */
async function interpolation(
  sampler: Sampler,
  options: SampleOptions,
  rows: number,
  steps: number,
): Promise<Uint8Array> {
  const { latentSize, imageShape, classes } = sampler.model;
  const bytes = steps * imageShape[0] * imageShape[1] * imageShape[2];
  const out = new Uint8Array(rows * bytes);
  for (let row = 0; row < rows; row++) {
    const from = fold(key(options.seed), "sample");
    const ends = drawLatents(from, 2 * row, 2, latentSize, options.truncation);
    // A strip keeps the class of its first image.
    const labels =
      classes === undefined
        ? undefined
        : new Int32Array(steps).fill(drawLabels(from, 2 * row, 1, classes)[0] as number);
    const z = interpolateLatents(ends.subarray(0, latentSize), ends.subarray(latentSize), steps);
    out.set(toBytes(await sampler.sample(z, steps, labels)), row * bytes);
  }
  return out;
}

/** Draws images from the averaged generator of a run or a checkpoint. */
export async function sampleCommand(place: string, options: SampleOptions, context: CommandContext): Promise<number> {
  const { terminal, files, cwd } = context;
  if (options.single && options.interpolate !== undefined) {
    throw new GanymedeError(
      "invalid-argument",
      "sample: --single and --interpolate exclude each other, got both; leave one out",
    );
  }
  const count = options.count ?? (options.interpolate === undefined ? 64 : 8);
  const registry = await loadRegistry(await context.builtIn(), { ...options, cwd: context.cwd });
  await startBackend(registry, options.backend, terminal);
  const opened = await openSampler(registry, resolve(cwd, place));
  const sampler = options.psi === undefined ? opened : await truncateStyles(opened, options.psi);
  const { imageShape } = sampler.model;
  const written: string[] = [];
  const write = async (
    path: string,
    images: Uint8Array,
    columns: number | undefined,
    enlarge: number,
  ): Promise<void> => {
    await files.writeAtomic(path, [await encodePng(imageSheet(images, imageShape, columns), enlarge)]);
    written.push(path);
  };
  if (options.interpolate !== undefined) {
    const path = resolve(cwd, options.out ?? "interpolation.png");
    const images = await interpolation(sampler, options, count, options.interpolate);
    await write(path, images, options.interpolate, enlargement(imageShape));
  } else {
    const { truncation } = options;
    const chosen = { key: fold(key(options.seed), "sample"), count, batch: Math.min(count, 16) };
    const images = await generateAll(sampler, { ...chosen, ...(truncation !== undefined && { truncation }) });
    if (options.single) {
      const folder = resolve(cwd, options.out ?? "samples");
      const bytes = images.length / count;
      for (let i = 0; i < count; i++) {
        const path = join(folder, `${String(i).padStart(6, "0")}.png`);
        await write(path, images.subarray(i * bytes, (i + 1) * bytes), 1, 1);
      }
    } else {
      await write(resolve(cwd, options.out ?? "samples.png"), images, undefined, enlargement(imageShape));
    }
  }
  opened.dispose();
  const shown = options.single ? [resolve(cwd, options.out ?? "samples")] : written;
  for (const path of shown) terminal.out(options.json ? JSON.stringify({ path, images: count }) : path);
  return 0;
}
