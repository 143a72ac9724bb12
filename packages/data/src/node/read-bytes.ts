import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { ByteSource } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { bytesSource } from "../byte-source.js";

const gunzipAsync = promisify(gunzip);

/** A gzip file may expand by a factor of a thousand; no dataset that fits in memory comes near this. */
const mostUnpacked = 2 ** 30;

/** The reason of a system error in plain words. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return "it does not exist";
  if (code === "EACCES" || code === "EPERM") return "reading it is not allowed";
  if (code === "EISDIR") return "it is a folder";
  return error instanceof Error ? error.message : String(error);
}

/**
 * Reads a file and decompresses it if it is gzip (by its first two bytes, not its name).
 *
 * @param most limit of the decompressed size in bytes. Default: 1 GiB.
 * @throws GanymedeError `missing-file` if it cannot be read, `invalid-data` if the gzip stream is damaged or exceeds the limit.
 */
export async function readBytes(path: string, most = mostUnpacked): Promise<ByteSource> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new GanymedeError(
      "missing-file",
      `${path}: the file must be readable, but ${reasonOf(error)}; check the path`,
      {
        cause: error,
      },
    );
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytesSource(path, bytes);
  try {
    return bytesSource(path, await gunzipAsync(bytes, { maxOutputLength: most }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      throw new GanymedeError(
        "invalid-data",
        `${path}: a .gz file must decompress to at most ${most} bytes, got more; check that it is the right file, or decompress it first`,
        { cause: error },
      );
    }
    throw new GanymedeError(
      "invalid-data",
      `${path}: the .gz file is damaged or truncated (${reasonOf(error)}); download ${basename(path)} again`,
      { cause: error },
    );
  }
}
