import { join } from "node:path";
import { GanymedeError } from "@ganymede/core";
import type { DownloadOptions, RemoteFile } from "@ganymede/core/node";
import { download } from "@ganymede/core/node";
import { officialInception } from "./inception-file.js";

/** Where the downloaded Inception weights go. */
export interface DownloadInceptionOptions extends DownloadOptions {
  /** Where the file goes: the `cacheFolder` of `findInception`. */
  readonly folder: string;
  /** What is downloaded and how it is checked. Default: the official file. */
  readonly file?: RemoteFile & { readonly name: string };
}

/**
 * Downloads the official weights, 96 MB; the file appears under its name only when its size and checksum are right.
 *
 * @returns the path of the file.
 * @throws GanymedeError as `download` of `@ganymede/core/node` does.
 */
export async function downloadInception(options: DownloadInceptionOptions): Promise<string> {
  const { folder, file = officialInception } = options;
  const path = join(folder, file.name);
  try {
    await download(file, path, options);
  } catch (error) {
    if (!GanymedeError.is(error) || error.code !== "unavailable") throw error;
    const remedy = "or fetch it another way and name it with --inception";
    throw new GanymedeError("unavailable", `${error.message}, ${remedy}`, { cause: error });
  }
  return path;
}
