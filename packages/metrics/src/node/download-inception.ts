import { join } from "node:path";
import { GanymedeError } from "@ganymede/core";
import type { DownloadOptions, RemoteFile } from "@ganymede/core/node";
import { download } from "@ganymede/core/node";
import { officialInception } from "./inception-file.js";

/** Options of `downloadInception`. */
export interface DownloadInceptionOptions extends DownloadOptions {
  /** Target folder: the `cacheFolder` of `findInception`. */
  readonly folder: string;
  /** What to download and its checksum. Default: the official file. */
  readonly file?: RemoteFile & { readonly name: string };
}

/**
 * Downloads the official weights, 96 MB; the file gets its name only after its size and checksum have been verified.
 *
 * @returns the path of the file.
 * @throws GanymedeError like `download` of `@ganymede/core/node`.
 */
export async function downloadInception(options: DownloadInceptionOptions): Promise<string> {
  const { folder, file = officialInception } = options;
  const path = join(folder, file.name);
  try {
    await download(file, path, options);
  } catch (error) {
    if (!GanymedeError.is(error) || error.code !== "unavailable") throw error;
    const remedy = "or get it another way and pass it with --inception";
    throw new GanymedeError("unavailable", `${error.message}, ${remedy}`, { cause: error });
  }
  return path;
}
