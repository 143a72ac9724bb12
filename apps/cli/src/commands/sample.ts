import { extname, join, resolve } from "node:path";
import { GanymedeError } from "@ganymede/core";
import type { BackendOption, Picture } from "@ganymede/training";
import { truncateStyles } from "@ganymede/training";
import type { Files } from "@ganymede/training/node";
import {
  encodeAnimation,
  encodePng,
  enlargement,
  expectReplaceable,
  imageSheet,
  openSampler,
  startBackend,
  thereAndBack,
} from "@ganymede/training/node";
import { loadRegistryFor } from "../config/registry.js";
import type { CommandContext } from "../context.js";
import type { PictureOptions } from "./sample-mode.js";
import { chooseMode } from "./sample-mode.js";
import type { SharedOptions, StandingOptions } from "./shared-options.js";
import { standingOf } from "./shared-options.js";

export interface SampleOptions extends SharedOptions, BackendOption, PictureOptions, StandingOptions {
  /** Number of images or rows. Default: depends on the kind of picture. */
  readonly count: number | undefined;
  readonly seed: number;
  readonly truncation: number | undefined;
  readonly out: string | undefined;
}

type Shape = readonly [number, number, number];

/** @throws GanymedeError `invalid-argument` for a file format without animations. */
function animationFormat(path: string): "webp" | "gif" {
  const ending = extname(path).toLowerCase();
  if (ending === ".webp" || ending === ".gif") return ending === ".gif" ? "gif" : "webp";
  throw new GanymedeError(
    "invalid-argument",
    `--out: an animation must be a .webp or .gif file, got "${path}"; choose one or remove --animate`,
  );
}

/** @throws GanymedeError `invalid-argument` for a class that the model does not have. */
function expectClass(wanted: number | undefined, classes: number | undefined): void {
  if (wanted === undefined) return;
  if (classes === undefined) {
    throw new GanymedeError("unsupported", "--class: the model must have classes, but it has none; remove it");
  }
  if (wanted < classes) return;
  throw new GanymedeError("invalid-argument", `--class: it must be from 0 to ${classes - 1}, got ${wanted}`);
}

const singlePath = (folder: string, index: number): string => join(folder, `${String(index).padStart(6, "0")}.png`);

async function writeSingle(files: Files, folder: string, { images }: Picture, shape: Shape): Promise<void> {
  const bytes = shape[0] * shape[1] * shape[2];
  for (let i = 0; i * bytes < images.length; i++) {
    const sheet = imageSheet(images.subarray(i * bytes, (i + 1) * bytes), shape, 1);
    await files.writeAtomic(singlePath(folder, i), [await encodePng(sheet)]);
  }
}

/** Samples images from the generator's EMA of a run or checkpoint. */
export async function sampleCommand(place: string, options: SampleOptions, context: CommandContext): Promise<number> {
  const { terminal, files, cwd } = context;
  const mode = chooseMode(options);
  const standing = standingOf(options);
  const path = resolve(cwd, options.out ?? mode.file);
  const format = options.animate ? animationFormat(path) : null;
  const count = options.count ?? mode.count;
  await expectReplaceable(options.single ? Array.from({ length: count }, (_, i) => singlePath(path, i)) : [path]);
  const registry = await loadRegistryFor(place, context.builtIn, { ...options, cwd });
  await startBackend(registry, options, terminal);
  const opened = await openSampler(registry, resolve(cwd, place), standing, terminal.note);
  try {
    const { imageShape, classes } = opened.model;
    expectClass(options.class, classes);
    const sampler = options.psi === undefined ? opened : await truncateStyles(opened, options.psi);
    const { seed, truncation } = options;
    const picture = await mode.draw(sampler, { seed, truncation, class: options.class }, count);
    const enlarge = enlargement(imageShape);
    if (options.single) await writeSingle(files, path, picture, imageShape);
    else if (format !== null) {
      const frames = thereAndBack(picture, imageShape);
      await files.writeAtomic(path, [await encodeAnimation(frames, format, options.frameMs ?? 80, enlarge)]);
    } else {
      const sheet = imageSheet(picture.images, imageShape, picture.columns);
      await files.writeAtomic(path, [await encodePng(sheet, enlarge)]);
    }
  } finally {
    opened.dispose();
  }
  terminal.out(options.json ? JSON.stringify({ path, images: count }) : path);
  return 0;
}
