import { createHash } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { GanymedeError } from "@ganymede/core";
import { officialInception } from "./inception-file.js";

export interface DownloadInceptionOptions {
  /** Where the file goes: the `cacheFolder` of `findInception`. */
  readonly folder: string;
  /** What is fetched and how it is checked; without it the official file. */
  readonly file?: { readonly name: string; readonly url: string; readonly bytes: number; readonly sha256Start: string };
  /** Called as bytes arrive. */
  readonly onProgress?: (received: number, total: number) => void;
  readonly signal?: AbortSignal;
}

async function fetchBody(url: string, signal: AbortSignal | undefined): Promise<AsyncIterable<Uint8Array>> {
  const unavailable = (got: string, cause?: unknown): GanymedeError =>
    new GanymedeError(
      "unavailable",
      `downloadInception: ${url} must answer with the file, got ${got}; fetch it another way and name it with --inception`,
      { cause },
    );
  const response = await fetch(url, signal === undefined ? {} : { signal }).catch((cause: unknown) => {
    throw unavailable("no connection", cause);
  });
  if (!response.ok || response.body === null) throw unavailable(`status ${response.status}`);
  return response.body as unknown as AsyncIterable<Uint8Array>;
}

/**
 * Downloads the official weights with a check of size and checksum; the file appears under its name only when both are right.
 *
 * @returns the path of the file.
 * @throws GanymedeError `unavailable` without a connection, `invalid-data` when the bytes are others.
 */
export async function downloadInception({
  folder,
  file = officialInception,
  onProgress = () => {},
  signal,
}: DownloadInceptionOptions): Promise<string> {
  const body = await fetchBody(file.url, signal);
  await mkdir(folder, { recursive: true });
  const path = join(folder, file.name);
  const unfinished = `${path}.${process.pid}.part`;
  const hash = createHash("sha256");
  let received = 0;
  const target = await open(unfinished, "w");
  try {
    for await (const chunk of body) {
      hash.update(chunk);
      received += chunk.length;
      await target.writeFile(chunk);
      onProgress(received, file.bytes);
    }
    await target.sync();
    const digest = hash.digest("hex");
    if (received !== file.bytes || !digest.startsWith(file.sha256Start)) {
      throw new GanymedeError(
        "invalid-data",
        `downloadInception: ${file.url} must give ${file.bytes} bytes of sha256 ${file.sha256Start}..., got ${received} of ${digest.slice(0, 8)}...; try again`,
      );
    }
    await target.close();
    await rename(unfinished, path);
  } catch (error) {
    await target.close().catch(() => {});
    await rm(unfinished, { force: true });
    if (GanymedeError.is(error)) throw error;
    throw new GanymedeError(
      "unavailable",
      `downloadInception: ${file.url} must arrive whole, got ${received} of ${file.bytes} bytes (${error instanceof Error ? error.message : String(error)}); try again`,
      { cause: error },
    );
  }
  return path;
}
