import type { FileHandle } from "node:fs/promises";
import { open, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GanymedeError } from "@ganymede/core";
import { isSameProcess } from "./process-identity.js";

/** Said inside the files that commands write for people, so that the next command knows that it may replace them. */
export const ownMark = "Written by ganymede, which may replace this file.";

/** Bytes at each end of a file in which the mark stands. */
const reach = 65_536;

async function readAt(file: FileHandle, from: number): Promise<string> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(reach), 0, reach, Math.max(0, from));
  return buffer.toString("latin1", 0, bytesRead);
}

/** Whether a file holds the mark near one of its ends; a folder does not. */
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
    // No such folder yet, or none that can be read: the write itself will say so.
    return [];
  }
}

/**
 * Makes sure that writing to the paths replaces no file but ones that ganymede wrote, and removes what killed writes to them left.
 *
 * @param option named in errors.
 * @param isOwn tells a file of ours. Default: by the mark inside it.
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
        `${option}: what ganymede did not write must stay, got ${join(folder, name)}, which is there already; move it away, or give another name`,
      );
    }
  }
}
