import { constants } from "node:fs";
import { access, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { GanymedeError } from "@ganymede/core/errors";

/** The content of a file, in order. */
export type FileChunks = Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>;

/** File writes of a run; tests inject failures, such as a full disk. */
export interface Files {
  /**
   * Replaces a file atomically: readers see the old content or the new, never a part. Chunks may be generated while they are written; if
   * that fails, the old content stays too.
   */
  writeAtomic(path: string, chunks: FileChunks): Promise<void>;
  /** Appends to a file. */
  append(path: string, content: Uint8Array | string): Promise<void>;
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "your quota is used up",
  EROFS: "the disk is read-only",
  EACCES: "writing there is not allowed",
  EPERM: "writing there is not allowed",
  ENOTDIR: "a part of its path is a file",
};

/** The reason of a failed write. */
export function failureReason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}

/** The error of a failed write; the previous content is intact. */
export function writeError(path: string, error: unknown): GanymedeError {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const remedy = code === "ENOSPC" || code === "EDQUOT" ? "free some space and run it again" : "choose another `out`";
  return new GanymedeError(
    "file-system",
    `${path}: it must be writable, but ${failureReason(error)}; what was saved before is intact, ${remedy}`,
    { cause: error },
  );
}

/** Makes the rename itself survive a power loss; not every system can sync a folder. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "EISDIR" && code !== "EPERM" && code !== "EINVAL" && code !== "ENOTSUP") throw error;
  }
}

/** The real file system: writes a temporary file next to the target, syncs it, then renames it. */
export const diskFiles: Files = {
  async writeAtomic(path, chunks) {
    const temporary = `${path}.${process.pid}.tmp`;
    // An error while a chunk is generated is not a disk error.
    let isMaking = false;
    try {
      await mkdir(dirname(path), { recursive: true });
      const handle = await open(temporary, "w");
      try {
        let expected = 0;
        isMaking = true;
        for await (const chunk of chunks) {
          isMaking = false;
          await handle.writeFile(chunk);
          expected += Buffer.byteLength(chunk);
          isMaking = true;
        }
        isMaking = false;
        await handle.sync();
        const { size } = await handle.stat();
        if (size !== expected) throw new Error(`${size} of ${expected} bytes arrived`);
      } finally {
        await handle.close();
      }
      await rename(temporary, path);
      await syncFolder(dirname(path));
    } catch (error) {
      // If even this fails, the first error is more useful.
      await rm(temporary, { force: true }).catch(() => undefined);
      throw isMaking ? error : writeError(path, error);
    }
  },
  async append(path, content) {
    try {
      const handle = await open(path, "a");
      try {
        await handle.writeFile(content);
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw writeError(path, error);
    }
  },
};

/** The bytes of a file, or null if it does not exist. */
export async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** True if something exists at the path. */
export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
