import { writeFile } from "node:fs/promises";
import { inflateRawSync } from "node:zlib";
import { fileSource } from "@ganymede/core/node";
import type { Moments } from "../statistics/feature-statistics.js";
import { readNpz, writeNpz } from "../statistics/npz.js";

/**
 * Reads moments from a file of pytorch-fid (`--save-stats`), compressed or not.
 *
 * @throws GanymedeError `missing-file` if it cannot be read, `invalid-data` if it is not such a file.
 */
export async function readMoments(path: string): Promise<Moments> {
  return readNpz(await fileSource(path), (data, size) => inflateRawSync(data, { maxOutputLength: Math.max(1, size) }));
}

/** Writes moments to a file that pytorch-fid can read. */
export async function writeMoments(path: string, moments: Moments): Promise<void> {
  await writeFile(path, writeNpz(moments));
}
