import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { GanymedeError, type Metric, type MetricState } from "@ganymede/core";

/** What statistics of real images depend on, beside the metric. */
export interface StatisticsKey {
  /** Id of the dataset with a fingerprint of all its images. */
  readonly dataset: string;
  /** How many of its images, from the first. */
  readonly images: number;
  /** `[H, W, C]` as the metric gets them. */
  readonly imageShape: readonly [number, number, number];
  /** Id of the extractor; metrics without one leave it out. */
  readonly extractor?: string;
}

/** Statistics of real images, computed or read again. */
export interface CachedStatistics<State extends MetricState> {
  readonly state: State;
  /** Where they are kept. */
  readonly path: string;
  /** True when nothing had to be computed. */
  readonly cached: boolean;
  /** Why they could not be kept, a sentence; absent where they are. What was computed is not lost for it. */
  readonly notKept?: string;
}

/** File systems take names of 255 bytes, and an unfinished file has its process and an ending in its name too. */
const mostCharacters = 200;

function fileName(metric: string, { dataset, images, imageShape, extractor }: StatisticsKey): string {
  const parts = [
    dataset,
    imageShape.join("x"),
    `${images}images`,
    metric,
    ...(extractor === undefined ? [] : [extractor]),
  ];
  const name = parts.join("_").replaceAll(/[^\w.-]+/g, "-");
  if (name.length <= mostCharacters) return `${name}.safetensors`;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 32);
  return `${name.slice(0, mostCharacters - hash.length - 1)}_${hash}.safetensors`;
}

/** Milliseconds after which an unfinished file is one of a write that was killed; a write takes seconds, on any host. */
const longestWrite = 3_600_000;

/** Removes what writes that were killed left in the folder. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/\.safetensors\.\d+\.part$/.test(name)) continue;
    const path = join(folder, name);
    // Another process may have finished or removed it just now.
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > longestWrite) await rm(path, { force: true });
  }
}

/** Writes beside the place and renames, so that a reader sees a whole file or none; gives a sentence where that fails. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<string | undefined> {
  const unfinished = `${path}.${process.pid}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await removeUnfinished(dirname(path));
    await writeFile(unfinished, bytes);
    await rename(unfinished, path);
    return undefined;
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => {});
    const reason = cause instanceof Error ? cause.message : String(cause);
    return `statistics cache: ${path} cannot be written (${reason}); set GANYMEDE_CACHE to a folder that can, or leave the cache alone with --no-cache`;
  }
}

/**
 * Statistics of real images from the cache, or computed and kept there. A damaged or outdated file is computed again.
 */
export async function cachedStatistics<State extends MetricState>(
  folder: string,
  metric: Metric<State>,
  key: StatisticsKey,
  compute: () => Promise<State>,
): Promise<CachedStatistics<State>> {
  const path = join(folder, fileName(metric.id, key));
  const bytes = await readFile(path).catch(() => null);
  if (bytes !== null) {
    try {
      return { state: metric.load(new Uint8Array(bytes)), path, cached: true };
    } catch (error) {
      if (!GanymedeError.is(error) || error.code !== "invalid-checkpoint") throw error;
    }
  }
  const state = await compute();
  const notKept = await writeWhole(path, metric.save(state));
  return { state, path, cached: false, ...(notKept !== undefined && { notKept }) };
}
