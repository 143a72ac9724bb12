import { join, resolve } from "node:path";
import type { DatasetSource } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { downloadFashionMnist } from "@ganymede/data/node";
import { exists } from "./files.js";

/** A dataset path or spec, and why it was chosen. */
export interface FoundData {
  readonly place: string;
  readonly why: string;
}

export interface FindDataOptions {
  readonly data: string | undefined;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly sources: readonly DatasetSource[];
  /** Id of the preset: a folder whose name the id contains is preferred, such as `cifar` for `vitgan-cifar10`. */
  readonly preset: string;
  readonly onProgress: (received: number, total: number) => void;
  readonly signal: AbortSignal;
  /** Downloads Fashion-MNIST and returns its folder. */
  readonly downloadDefault?: typeof downloadFashionMnist;
}

/** Folders searched for inside a folder of datasets, in order; one that matches the preset comes first. */
const knownFolders = [
  { name: "fashion-mnist", preset: "fashion" },
  { name: "cifar-10-batches-bin", preset: "cifar" },
  { name: "celeba-6k", preset: "celeba" },
] as const;

/** True if the path holds a dataset with a file format of its own, not just images. */
async function holdsDataset(sources: readonly DatasetSource[], place: string): Promise<boolean> {
  for (const source of sources) if (source.id !== "folder" && (await source.detect(place))) return true;
  return false;
}

/** The dataset at a folder, or the best one inside it; null if there is none. */
async function datasetIn(options: FindLocalDataOptions, root: string): Promise<string | null> {
  if (await holdsDataset(options.sources, root)) return root;
  const ordered = [...knownFolders].sort(
    (a, b) => Number(options.preset.includes(b.preset)) - Number(options.preset.includes(a.preset)),
  );
  for (const { name } of ordered) if (await exists(join(root, name))) return join(root, name);
  for (const source of options.sources) if (await source.detect(root)) return root;
  return null;
}

/** Options of a search on this machine. */
export type FindLocalDataOptions = Pick<FindDataOptions, "data" | "cwd" | "environment" | "sources" | "preset">;

/**
 * Finds real images on this machine: `--data`, then `$GANYMEDE_DATA`, then `../shared/data`; null if there are none.
 *
 * @throws GanymedeError `missing-file` when `--data` or `$GANYMEDE_DATA` names a path without data.
 */
export async function findLocalData(options: FindLocalDataOptions): Promise<FoundData | null> {
  const named = options.data ?? options.environment.GANYMEDE_DATA;
  if (named !== undefined && named !== "") {
    const from = options.data !== undefined ? "`data`" : "$GANYMEDE_DATA";
    const place = await datasetIn(options, resolve(options.cwd, named));
    if (place !== null) return { place, why: `from ${from}` };
    // A spec such as `scenes:64`, not a path.
    if (await holdsDataset(options.sources, named)) return { place: named, why: `from ${from}` };
    const known = options.sources.map(({ id }) => id).join(", ");
    throw new GanymedeError(
      "missing-file",
      `${from} must be a path or spec of a known dataset kind (${known}), got "${named}"; check the path`,
    );
  }
  const shared = resolve(options.cwd, "../shared/data");
  const beside = (await exists(shared)) ? await datasetIn(options, shared) : null;
  return beside === null ? null : { place: beside, why: "found beside the checkout" };
}

/**
 * Finds the real images: on this machine, else by downloading Fashion-MNIST, else, without a network, procedural scenes.
 *
 * @throws GanymedeError like `findLocalData`; `interrupted`; `invalid-data` if the download has a wrong checksum; `file-system` if it cannot
 *   be written.
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
