import { randomUUID } from "node:crypto";
import { lstat, mkdir, open, readdir, rename, rm, stat, truncate } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GanymedeError } from "../errors/ganymede-error.js";

/** The unfinished copy of a file, next to it, with a single writer. */
export interface PartialFile {
  readonly path: string;
  size(): Promise<number>;
  /** Writes `chunks` from byte `from` on; truncates anything after it. */
  write(from: number, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /** Truncates it to 0 bytes. */
  clear(): Promise<void>;
  /** Renames it to its final name. */
  finish(): Promise<void>;
  /** Keeps it for a later download to resume; removes it if empty. */
  release(): Promise<void>;
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "your quota is used up",
  EROFS: "the disk is read-only",
  EACCES: "writing there is not allowed",
  EPERM: "writing there is not allowed",
  ENOTDIR: "a part of its path is a file",
  EEXIST: "a file with this name exists",
  EISDIR: "a folder with this name exists",
};

/** Runs a file operation; reports its failure as a file-system error, never as a network error. */
async function onDisk<Value>(path: string, operation: () => Promise<Value>): Promise<Value> {
  try {
    return await operation();
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    const remedy = code === "ENOSPC" || code === "EDQUOT" ? "free some space" : "choose another folder";
    throw new GanymedeError(
      "file-system",
      `${path}: it must be writable, but ${reasons[code] ?? message}; ${remedy} or set another cache with GANYMEDE_CACHE`,
      { cause: error },
    );
  }
}

/** Creates a folder and its parents. Node's recursive mkdir does not terminate if the system denies that an existing parent exists. */
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

/** Unfinished copies of `path` that were not written to for `idleMs` or were kept by `release`, longest first. */
async function abandoned(path: string, idleMs: number): Promise<readonly { path: string; size: number }[]> {
  const name = basename(path);
  const found: { path: string; size: number }[] = [];
  for (const entry of await readdir(dirname(path))) {
    if (!entry.startsWith(`${name}.`) || !/^(\.[0-9a-f-]{36})?\.part$/.test(entry.slice(name.length))) continue;
    const part = join(dirname(path), entry);
    // Another download may have taken it meanwhile.
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
    // Unlike write, writeFile continues until the whole chunk is written.
    for await (const chunk of chunks) await onDisk(path, () => handle.writeFile(chunk));
    await onDisk(path, () => handle.sync());
  } finally {
    await handle.close();
  }
}

/**
 * Opens an unfinished copy of a file under a unique name, so that concurrent downloads do not write to one file. It resumes the longest
 * abandoned copy; renaming it decides between two downloads that want it.
 *
 * @param idleMs time without writes after which a copy is abandoned.
 * @throws GanymedeError `file-system` if the folder cannot be created or is not writable.
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
      // Copies of killed downloads are now useless.
      for (const left of await onDisk(folder, () => abandoned(path, idleMs))) await rm(left.path, { force: true });
    },
    async release() {
      if ((await size()) === 0) await rm(own, { force: true });
      else await onDisk(own, () => rename(own, `${path}.part`));
    },
  };
}
