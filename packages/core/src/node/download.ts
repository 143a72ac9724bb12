import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { GanymedeError } from "../errors/ganymede-error.js";
import type { PartialFile } from "./partial-file.js";
import { openPartialFile } from "./partial-file.js";

/** A remote file, with its size and checksum. */
export interface RemoteFile {
  readonly url: string;
  readonly bytes: number;
  /** Lower-case hexadecimal; a prefix of at least 8 digits if the publisher gives no more. */
  readonly sha256: string;
}

/** Progress, timeout and abort signal of a download. */
export interface DownloadOptions {
  /** Called as bytes arrive. */
  readonly onProgress?: (received: number, total: number) => void;
  /** Timeout without data, in milliseconds. Default: 30,000. */
  readonly idleMs?: number;
  /** Number of attempts; each resumes where the previous one stopped. Default: 3. */
  readonly attempts?: number;
  readonly signal?: AbortSignal;
}

/** sha256 of a file, lower-case hexadecimal. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** True if the file exists with the right size and checksum. */
async function isRight(file: RemoteFile, path: string): Promise<boolean> {
  const status = await stat(path).catch(() => null);
  if (!status?.isFile() || status.size !== file.bytes) return false;
  return (await sha256Of(path).catch(() => "unreadable")).startsWith(file.sha256);
}

/** An error that another attempt may not have, such as a lost connection. */
class PassingError extends GanymedeError {}

function networkReason(error: unknown): string {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? (error instanceof Error ? error.message : String(error));
}

/** Keeps our own errors and wraps all others as network errors. */
function networkError(file: RemoteFile, error: unknown): GanymedeError {
  if (GanymedeError.is(error)) return error;
  return new PassingError(
    "unavailable",
    `${file.url}: the file must be reachable, but ${networkReason(error)}; check your network`,
    { cause: error },
  );
}

function expectSuccess(file: RemoteFile, response: Response): asserts response is Response & { body: ReadableStream } {
  if (response.ok && response.body !== null) return;
  // Only these are temporary; 416 means that the server's file is shorter than the part already downloaded.
  const passing = response.status >= 500 || response.status === 429;
  throw new (passing ? PassingError : GanymedeError)(
    response.status === 416 ? "invalid-data" : "unavailable",
    `${file.url}: the server must send the file, got status ${response.status}; check the address or your network`,
  );
}

/** Requests the file from byte `have` on and writes it to `part`; a server without range requests sends it from the start. */
async function receive(file: RemoteFile, part: PartialFile, have: number, options: DownloadOptions): Promise<number> {
  const { idleMs = 30_000, signal, onProgress } = options;
  const silence = new AbortController();
  const stopWaiting = (): void => silence.abort(new Error(`no data came for ${idleMs} ms`));
  let timer = setTimeout(stopWaiting, idleMs);
  let received = have;
  async function* body(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      clearTimeout(timer);
      if (received + chunk.length > file.bytes) {
        throw new GanymedeError(
          "invalid-data",
          `${file.url}: the file must have ${file.bytes} bytes, got more; the server sends a different file, try another network`,
        );
      }
      yield chunk;
      received += chunk.length;
      onProgress?.(received, file.bytes);
      // Time spent on writing does not count as silence of the server.
      timer = setTimeout(stopWaiting, idleMs);
    }
  }
  try {
    const response = await fetch(file.url, {
      signal: AbortSignal.any(signal === undefined ? [silence.signal] : [silence.signal, signal]),
      headers: { "accept-encoding": "identity", ...(have > 0 && { range: `bytes=${have}-` }) },
    });
    expectSuccess(file, response);
    if (response.status !== 206) received = 0;
    await part.write(received, body(response.body));
  } catch (error) {
    throw networkError(file, error);
  } finally {
    clearTimeout(timer);
    // Closes the connection if the body was not read to its end.
    silence.abort();
  }
  return received;
}

/** Downloads the missing part and verifies the whole file. */
async function complete(file: RemoteFile, part: PartialFile, have: number, options: DownloadOptions): Promise<void> {
  if (have === file.bytes && (await isRight(file, part.path))) return;
  const received = await receive(file, part, have < file.bytes ? have : 0, options);
  if (received < file.bytes) {
    throw new PassingError(
      "unavailable",
      `${file.url}: ${file.bytes} bytes must arrive, got ${received}; the connection was lost, try again`,
    );
  }
  const sha256 = await sha256Of(part.path);
  if (sha256.startsWith(file.sha256)) return;
  throw new GanymedeError(
    "invalid-data",
    `${file.url}: sha256 must be ${file.sha256}, got ${sha256}; the file was changed in transit, try another network`,
  );
}

async function attempts(file: RemoteFile, part: PartialFile, options: DownloadOptions): Promise<void> {
  for (let left = (options.attempts ?? 3) - 1; ; left--) {
    const have = await part.size();
    try {
      await complete(file, part, have, options);
      return;
    } catch (error) {
      if (options.signal?.aborted) {
        const text = `${file.url}: the download was interrupted; run again to resume it`;
        throw new GanymedeError("interrupted", text, { cause: error });
      }
      const wrong = GanymedeError.is(error) && error.code === "invalid-data";
      if (wrong) await part.clear();
      // A partial download may belong to another file; starting again fixes that.
      if (!(wrong && have > 0) && !(error instanceof PassingError && left > 0)) throw error;
    }
  }
}

/**
 * Downloads a file to `path`, under a temporary name until its size and sha256 are verified. An existing file is kept if both match,
 * otherwise replaced when the right one has arrived. An interrupted transfer is resumed, by this call or a later one; concurrent
 * downloads of the same file do not conflict.
 *
 * @throws GanymedeError `unavailable` if the server cannot be reached, times out or does not send the file,
 *   `invalid-data` for a wrong size or checksum, `file-system` if the disk is full or the folder is not writable,
 *   `interrupted` if the signal aborted it.
 */
export async function download(file: RemoteFile, path: string, options: DownloadOptions = {}): Promise<void> {
  if (await isRight(file, path)) return;
  const part = await openPartialFile(path, Math.max(60_000, 2 * (options.idleMs ?? 30_000)));
  try {
    await attempts(file, part, options);
    await part.finish();
  } catch (error) {
    // If even this fails, the first error is more useful.
    await part.release().catch(() => undefined);
    throw error;
  }
}
