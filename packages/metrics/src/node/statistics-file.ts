import { readFile, writeFile } from "node:fs/promises";
import { inflateRawSync } from "node:zlib";
import { GanymedeError } from "@ganymede/core";
import type { Moments } from "../statistics/feature-statistics.js";
import { readNpz, writeNpz } from "../statistics/npz.js";

/**
 * Moments from a file of pytorch-fid (`--save-stats`), compressed or not.
 *
 * @throws GanymedeError `missing-file` when it cannot be read, `invalid-data` when it is something else.
 */
export async function readMoments(path: string): Promise<Moments> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new GanymedeError(
      "missing-file",
      `readMoments: ${path} cannot be read; name an .npz file with mu and sigma`,
      { cause },
    );
  });
  return readNpz(new Uint8Array(bytes), path, (data) => inflateRawSync(data));
}

/** Writes moments as a file that pytorch-fid reads. */
export async function writeMoments(path: string, moments: Moments): Promise<void> {
  await writeFile(path, writeNpz(moments));
}
