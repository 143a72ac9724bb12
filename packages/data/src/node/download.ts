import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { GanymedeError } from "@ganymede/core";

/** A file and how to know that it is the right one. */
export interface RemoteFile {
  readonly url: string;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

export interface DownloadOptions {
  /** Called as bytes arrive. */
  readonly onProgress?: (received: number, total: number) => void;
  /** Longest silence of the server in milliseconds; 30,000 without it. */
  readonly idleMs?: number;
  /** Attempts in all; 3 without it. Each goes on where the one before it stopped. */
  readonly attempts?: number;
  readonly signal?: AbortSignal;
}

/** What no further attempt can change. */
class FinalError extends GanymedeError {}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

/** sha256 of a file, lower-case hexadecimal. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

function reason(error: unknown): string {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  return cause?.code ?? cause?.message ?? (error instanceof Error ? error.message : String(error));
}

/** Asks for the rest of the file and appends it to `part`; a server without ranges sends it from the start. */
async function receive(file: RemoteFile, part: string, options: DownloadOptions): Promise<void> {
  const have = await sizeOf(part);
  const { idleMs = 30_000 } = options;
  const silence = new AbortController();
  const stopWaiting = (): void => silence.abort(new Error(`no data for ${idleMs} ms`));
  let timer = setTimeout(stopWaiting, idleMs);
  const signals = options.signal === undefined ? [silence.signal] : [silence.signal, options.signal];
  let handle: FileHandle | undefined;
  try {
    const response = await fetch(file.url, {
      signal: AbortSignal.any(signals),
      headers: { "accept-encoding": "identity", ...(have > 0 && { range: `bytes=${have}-` }) },
    });
    if (!response.ok || response.body === null) {
      const text = `${file.url}: the server must send the file, got status ${response.status}; check the address or your network`;
      // Only these pass by themselves.
      if (response.status >= 500 || response.status === 429) throw new GanymedeError("unavailable", text);
      throw new FinalError("unavailable", text);
    }
    const resumes = response.status === 206;
    handle = await open(part, resumes ? "a" : "w");
    let received = resumes ? have : 0;
    for await (const chunk of response.body) {
      clearTimeout(timer);
      timer = setTimeout(stopWaiting, idleMs);
      await handle.write(chunk);
      received += chunk.length;
      if (received > file.bytes) break;
      options.onProgress?.(received, file.bytes);
    }
    await handle.sync();
  } finally {
    clearTimeout(timer);
    await handle?.close();
  }
}

async function check(file: RemoteFile, part: string): Promise<void> {
  const bytes = await sizeOf(part);
  if (bytes < file.bytes) {
    throw new GanymedeError(
      "unavailable",
      `${file.url}: ${file.bytes} bytes must arrive, got ${bytes}; the connection broke, try again`,
    );
  }
  const sha256 = bytes === file.bytes ? await sha256Of(part) : "a longer file";
  if (sha256 === file.sha256) return;
  await rm(part, { force: true });
  throw new FinalError(
    "invalid-data",
    `${file.url}: sha256 must be ${file.sha256}, got ${sha256}; the file was changed on its way, try another network`,
  );
}

/**
 * Downloads a file to `path`, under a temporary name until its size and sha256 are right; a file that is already there with the
 * right size is kept. A broken transfer is taken up where it stopped, by this call or a later one.
 *
 * @throws GanymedeError `unavailable` when the server cannot be reached or does not send the file, `invalid-data` for a wrong
 *   checksum, `interrupted` when the signal ended it.
 */
export async function download(file: RemoteFile, path: string, options: DownloadOptions = {}): Promise<void> {
  if ((await sizeOf(path)) === file.bytes) return;
  const part = `${path}.part`;
  await mkdir(dirname(path), { recursive: true });
  const { attempts = 3 } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      if ((await sizeOf(part)) < file.bytes) await receive(file, part, options);
      await check(file, part);
      await rename(part, path);
      return;
    } catch (error) {
      if (options.signal?.aborted) {
        throw new GanymedeError("interrupted", `${file.url}: the download was stopped; run again to go on`, {
          cause: error,
        });
      }
      if (error instanceof FinalError) throw error;
      if (attempt < attempts) continue;
      if (GanymedeError.is(error)) throw error;
      throw new GanymedeError(
        "unavailable",
        `${file.url}: the file must be reachable, but ${reason(error)} (${attempts} attempts); check your network`,
        { cause: error },
      );
    }
  }
}
