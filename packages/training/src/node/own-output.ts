import type { FileHandle } from "node:fs/promises";
import { open, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GanymedeError } from "@ganymede/core";
import { isSameProcess } from "./process-identity.js";

/** Marker inside files that commands write, so that a later command knows that it may replace them. */
export const ownMark = "Written by ganymede, which may replace this file.";

/** Bytes searched for the marker at each end of a file. */
const reach = 65_536;

async function readAt(file: FileHandle, from: number): Promise<string> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(reach), 0, reach, Math.max(0, from));
  return buffer.toString("latin1", 0, bytesRead);
}

/** Whether a file holds the marker near one of its ends; false for a folder. */
async function hasMark(path: string): Promise<boolean> {
  const file = await open(path, "r");
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return false;
    return (await readAt(file, 0)).includes(ownMark) || (await readAt(file, stat.size - reach)).includes(ownMark);
  } finally {
    await file.close();
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    // The folder does not exist or cannot be read; the write itself reports that.
    return [];
  }
}

/**
 * Ensures that writing to the paths replaces only files that ganymede wrote, and removes the leftovers of killed writes to them.
 *
 * @param option name of the option in errors.
 * @param isOwn recognises our files. Default: by the marker.
 * @throws GanymedeError `invalid-argument` for another file, or a folder.
 */
export async function expectReplaceable(
  paths: readonly string[],
  option = "`out`",
  isOwn: (path: string) => Promise<boolean> = hasMark,
): Promise<void> {
  for (const folder of new Set(paths.map(dirname))) {
    const present = await namesIn(folder);
    const wanted = new Set(paths.filter((path) => dirname(path) === folder).map((path) => basename(path)));
    for (const name of present) {
      const [, target, pid] = /^(.+)\.(\d+)\.tmp$/.exec(name) ?? [];
      if (target !== undefined && wanted.has(target) && !isSameProcess(Number(pid), null)) {
        await rm(join(folder, name), { force: true });
      }
      if (!wanted.has(name) || (await isOwn(join(folder, name)).catch(() => false))) continue;
      throw new GanymedeError(
        "invalid-argument",
        `${option}: only files that ganymede wrote are replaced, and ${join(folder, name)} is not one; move it away or choose another name`,
      );
    }
  }
}
