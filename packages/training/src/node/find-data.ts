import { join, resolve } from "node:path";
import type { DatasetSource } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { downloadFashionMnist } from "@ganymede/data/node";
import { exists } from "./files.js";

/** A place with data, and how it was chosen, in words for people. */
export interface FoundData {
  readonly place: string;
  readonly why: string;
}

export interface FindDataOptions {
  /** `--data`. */
  readonly data: string | undefined;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly sources: readonly DatasetSource[];
  /** The preset's id: a folder named like it is preferred, as `cifar` in `vitgan-cifar10`. */
  readonly preset: string;
  readonly onProgress: (received: number, total: number) => void;
  readonly signal: AbortSignal;
  /** Gets Fashion-MNIST and gives its folder. */
  readonly downloadDefault?: typeof downloadFashionMnist;
}

/** Folders that are looked for inside a folder of datasets; the first that is there, the preset's own before others. */
const knownFolders = [
  { name: "fashion-mnist", preset: "fashion" },
  { name: "cifar-10-batches-bin", preset: "cifar" },
  { name: "celeba-6k", preset: "celeba" },
] as const;

/** True when a kind with files of its own names, not just any image, is there. */
async function holdsDataset(sources: readonly DatasetSource[], place: string): Promise<boolean> {
  for (const source of sources) if (source.id !== "folder" && (await source.detect(place))) return true;
  return false;
}

/** The dataset that a folder is, or the best one inside it; null when there is none. */
async function datasetIn(options: FindLocalDataOptions, root: string): Promise<string | null> {
  if (await holdsDataset(options.sources, root)) return root;
  const ordered = [...knownFolders].sort(
    (a, b) => Number(options.preset.includes(b.preset)) - Number(options.preset.includes(a.preset)),
  );
  for (const { name } of ordered) if (await exists(join(root, name))) return join(root, name);
  for (const source of options.sources) if (await source.detect(root)) return root;
  return null;
}

/** What is needed to look for data that is here. */
export type FindLocalDataOptions = Pick<FindDataOptions, "data" | "cwd" | "environment" | "sources" | "preset">;

/**
 * Real images that are on this machine: `--data`; else `$GANYMEDE_DATA`; else `../shared/data`; null where there are none.
 *
 * @throws GanymedeError `missing-file` when `--data` or `$GANYMEDE_DATA` names a place without data.
 */
export async function findLocalData(options: FindLocalDataOptions): Promise<FoundData | null> {
  const named = options.data ?? options.environment.GANYMEDE_DATA;
  if (named !== undefined && named !== "") {
    const from = options.data !== undefined ? "`data`" : "$GANYMEDE_DATA";
    const place = await datasetIn(options, resolve(options.cwd, named));
    if (place !== null) return { place, why: `from ${from}` };
    // Not a path: a spec such as `scenes:64`.
    if (await holdsDataset(options.sources, named)) return { place: named, why: `from ${from}` };
    const known = options.sources.map(({ id }) => id).join(", ");
    throw new GanymedeError(
      "missing-file",
      `${from}: it must name a place with data of a known kind (${known}), got "${named}"; check the path`,
    );
  }
  const shared = resolve(options.cwd, "../shared/data");
  const beside = (await exists(shared)) ? await datasetIn(options, shared) : null;
  return beside === null ? null : { place: beside, why: "found beside the checkout" };
}

/**
 * Where the real images are: those on this machine; else a download of Fashion-MNIST; else, without a network, procedural scenes.
 *
 * @throws GanymedeError as `findLocalData`, `interrupted`, `invalid-data` when the download has a wrong checksum, or `file-system` when it
 *   cannot be written.
 */
export async function findData(options: FindDataOptions): Promise<FoundData> {
  const local = await findLocalData(options);
  if (local !== null) return local;
  try {
    const { onProgress, signal, downloadDefault = downloadFashionMnist } = options;
    const place = await downloadDefault({ onProgress, signal });
    return { place, why: "downloaded from its official address" };
  } catch (error) {
    if (!GanymedeError.is(error) || error.code !== "unavailable") throw error;
    const why = `built-in procedural images, because Fashion-MNIST could not be downloaded (${error.message})`;
    return { place: "scenes", why };
  }
}
