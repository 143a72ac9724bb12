import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { GanymedeError, type Metric, type MetricState } from "@ganymede/core";

/** What statistics of real images depend on, in addition to the metric. */
export interface StatisticsKey {
  /** Id of the dataset with a fingerprint of all its images. */
  readonly dataset: string;
  /** Number of images, from the first. */
  readonly images: number;
  /** `[H, W, C]` as the metric gets them. */
  readonly imageShape: readonly [number, number, number];
  /** Id of the extractor; absent for metrics without one. */
  readonly extractor?: string;
}

/** Statistics of real images, computed or cached. */
export interface CachedStatistics<State extends MetricState> {
  readonly state: State;
  /** Path of the cache file. */
  readonly path: string;
  /** True if they were read from the cache. */
  readonly cached: boolean;
  /** Why they could not be cached, as a sentence; absent if they were. The computed statistics are valid in either case. */
  readonly notKept?: string;
}

/** File systems limit names to 255 bytes, and the name of an unfinished file also has its process and a suffix. */
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

/** Age in milliseconds of an unfinished file after which its write must have been killed; a write takes seconds. */
const longestWrite = 3_600_000;

/** Removes the leftovers of killed writes from the folder. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/\.safetensors\.\d+\.part$/.test(name)) continue;
    const path = join(folder, name);
    // Another process may just have finished or removed it.
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > longestWrite) await rm(path, { force: true });
  }
}

/** Writes a temporary file and renames it, so that readers see a whole file or none; returns a sentence on failure. */
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
    return `statistics cache: ${path} cannot be written (${reason}); set GANYMEDE_CACHE to a writable folder, or disable the cache with --no-cache`;
  }
}

/**
 * Statistics of real images from the cache, or computed and then cached. A damaged or outdated file is recomputed.
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
