import { writeFile } from "node:fs/promises";
import { inflateRawSync } from "node:zlib";
import { fileSource } from "@ganymede/core/node";
import type { Moments } from "../statistics/feature-statistics.js";
import { readNpz, writeNpz } from "../statistics/npz.js";

/**
 * Moments from a file of pytorch-fid (`--save-stats`), compressed or not.
 *
 * @throws GanymedeError `missing-file` when it cannot be read, `invalid-data` when it is something else.
 */
export async function readMoments(path: string): Promise<Moments> {
  return readNpz(await fileSource(path), (data, size) => inflateRawSync(data, { maxOutputLength: Math.max(1, size) }));
}

/** Writes moments as a file that pytorch-fid reads. */
export async function writeMoments(path: string, moments: Moments): Promise<void> {
  await writeFile(path, writeNpz(moments));
}
