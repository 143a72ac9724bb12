import type { Stats } from "node:fs";
import { open, stat } from "node:fs/promises";
import type { ByteSource } from "../contracts/dataset.js";
import { GanymedeError } from "../errors/ganymede-error.js";

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  ENOTDIR: "a part of its path is a file",
  EACCES: "reading it is not allowed",
  EPERM: "reading it is not allowed",
};

function unreadable(path: string, error: unknown): GanymedeError {
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? ""] ?? (error as Error).message;
  return new GanymedeError("missing-file", `${path}: the file must be readable, but ${reason}; check the path`, {
    cause: error,
  });
}

/** Whether both describe the same content of the same file, as far as the file system can tell. */
const isSame = (a: Stats, b: Stats): boolean =>
  a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs;

/** Most bytes per system call; the limit of the system is just below 2 GiB. */
const mostAtOnce = 2 ** 30;

/**
 * A file of any size as a `ByteSource`. It is opened and closed for each read, so it needs no disposal; a file that has been replaced or
 * changed is rejected.
 *
 * @throws GanymedeError `missing-file` if the file cannot be read; on reading, `invalid-data` if it has changed or is shorter than
 *   requested.
 */
export async function fileSource(path: string): Promise<ByteSource> {
  const first = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (!first.isFile()) throw unreadable(path, new Error("it is not a regular file"));
  const fail = (rule: string): GanymedeError => new GanymedeError("invalid-data", `${path}: ${rule}`);
  return {
    name: path,
    size: first.size,
    async read(offset, length) {
      // Before allocating: a header may request any size.
      if (!(offset >= 0 && length >= 0 && offset + length <= first.size)) {
        throw fail(
          `a read must stay within ${first.size} bytes, got ${length} bytes at ${offset}; the file is shorter than its header says`,
        );
      }
      const handle = await open(path).catch((error: unknown) => {
        throw unreadable(path, error);
      });
      try {
        if (!isSame(first, await handle.stat())) throw fail("the file must not change while it is read; read it again");
        const bytes = new Uint8Array(length);
        for (let done = 0; done < length; ) {
          const { bytesRead } = await handle.read(bytes, done, Math.min(mostAtOnce, length - done), offset + done);
          if (bytesRead === 0) throw fail("the file must not change while it is read; read it again");
          done += bytesRead;
        }
        return bytes;
      } catch (error) {
        throw GanymedeError.is(error) ? error : unreadable(path, error);
      } finally {
        await handle.close();
      }
    },
  };
}
