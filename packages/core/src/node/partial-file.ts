import { randomUUID } from "node:crypto";
import { lstat, mkdir, open, readdir, rename, rm, stat, truncate } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GanymedeError } from "../errors/ganymede-error.js";

/** The unfinished copy of a file, beside it and of one writer alone. */
export interface PartialFile {
  readonly path: string;
  size(): Promise<number>;
  /** Writes `chunks` from byte `from` on; what stood behind it is cut off. */
  write(from: number, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /** Makes it empty. */
  clear(): Promise<void>;
  /** Gives the file its final name. */
  finish(): Promise<void>;
  /** Leaves the file for a later download to take up; an empty one is removed. */
  release(): Promise<void>;
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "your quota is used up",
  EROFS: "the disk is read-only",
  EACCES: "writing there is not allowed",
  EPERM: "writing there is not allowed",
  ENOTDIR: "a part of its path is a file",
  EEXIST: "a file is in its place",
  EISDIR: "a folder is in its place",
};

/** Runs an operation on the disk; its failure is told as one of the disk, never of the network. */
async function onDisk<Value>(path: string, operation: () => Promise<Value>): Promise<Value> {
  try {
    return await operation();
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    const remedy = code === "ENOSPC" || code === "EDQUOT" ? "free some space" : "choose another folder";
    throw new GanymedeError(
      "file-system",
      `${path}: it must be writable, but ${reasons[code] ?? message}; ${remedy} or name another cache with GANYMEDE_CACHE`,
      { cause: error },
    );
  }
}

/** Makes a folder and those above it. Node's own recursive mkdir does not end where a system denies that a parent is there. */
async function makeFolder(folder: string, parentIsThere = false): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if ((await stat(folder).catch(() => null))?.isDirectory()) return;
    const parent = dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || parentIsThere || parent === folder) throw error;
    await makeFolder(parent);
    await makeFolder(folder, true);
  }
}

/** Unfinished copies of `path` that nobody has written to for `idleMs`, or that were left on purpose, longest first. */
async function abandoned(path: string, idleMs: number): Promise<readonly { path: string; size: number }[]> {
  const name = basename(path);
  const found: { path: string; size: number }[] = [];
  for (const entry of await readdir(dirname(path))) {
    if (!entry.startsWith(`${name}.`) || !/^(\.[0-9a-f-]{36})?\.part$/.test(entry.slice(name.length))) continue;
    const part = join(dirname(path), entry);
    // Another download may take it meanwhile.
    const status = await lstat(part).catch(() => null);
    if (!status?.isFile()) continue;
    const left = entry === `${name}.part` || Date.now() - status.mtimeMs > idleMs;
    if (left) found.push({ path: part, size: status.size });
  }
  return found.sort((a, b) => b.size - a.size);
}

async function writeChunks(path: string, from: number, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await onDisk(path, () => open(path, "a"));
  try {
    await onDisk(path, () => handle.truncate(from));
    // Unlike write, writeFile goes on until the disk has taken all of a chunk.
    for await (const chunk of chunks) await onDisk(path, () => handle.writeFile(chunk));
    await onDisk(path, () => handle.sync());
  } finally {
    await handle.close();
  }
}

/**
 * Begins the unfinished copy of a file under a name of its own, so that two downloads at once do not write to one file. The
 * longest copy that an earlier download left is taken up; renaming it decides between two that want it.
 *
 * @param idleMs a copy that was not written to for as long belongs to nobody any more.
 * @throws GanymedeError `file-system` when the folder cannot be made or written to.
 */
export async function openPartialFile(path: string, idleMs: number): Promise<PartialFile> {
  const folder = dirname(path);
  await onDisk(folder, () => makeFolder(folder));
  const own = `${path}.${randomUUID()}.part`;
  let resumed = false;
  for (const left of await onDisk(folder, () => abandoned(path, idleMs))) {
    resumed = await rename(left.path, own).then(
      () => true,
      () => false,
    );
    if (resumed) break;
  }
  if (!resumed) await onDisk(folder, async () => (await open(own, "wx")).close());
  const size = async (): Promise<number> => (await onDisk(own, () => stat(own))).size;
  return {
    path: own,
    size,
    write: (from, chunks) => writeChunks(own, from, chunks),
    clear: () => onDisk(own, () => truncate(own)),
    async finish() {
      await onDisk(path, () => rename(own, path));
      // Copies of downloads that were killed are of no use now.
      for (const left of await onDisk(folder, () => abandoned(path, idleMs))) await rm(left.path, { force: true });
    },
    async release() {
      if ((await size()) === 0) await rm(own, { force: true });
      else await onDisk(own, () => rename(own, `${path}.part`));
    },
  };
}
