import type { Stream } from "./terminal.js";

/** Error codes of a write after the reader of the stream has gone: a closed pipe, a closed terminal. */
const readerGone: readonly string[] = ["EPIPE", "EIO", "ECONNRESET", "ENXIO", "ERR_STREAM_DESTROYED"];

/**
 * Silences a stream of the process at its first failed write instead of ending the process, because the running work matters more than
 * its messages.
 *
 * @param onFailure called for a failure that is not a missing reader, such as a full disk.
 */
export function outliveReader(stream: NodeJS.WriteStream, onFailure: (error: Error) => void): Stream {
  let silent = false;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (!silent && !readerGone.includes(error.code ?? "")) onFailure(error);
    silent = true;
  });
  return {
    get isTTY() {
      return stream.isTTY;
    },
    get columns() {
      return stream.columns;
    },
    write(text) {
      if (!silent) stream.write(text);
    },
  };
}
