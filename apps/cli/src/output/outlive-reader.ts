import type { Stream } from "./terminal.js";

/** How a write fails when whoever read the stream has gone: a closed pipe, a terminal that was hung up. */
const readerGone: readonly string[] = ["EPIPE", "EIO", "ECONNRESET", "ENXIO", "ERR_STREAM_DESTROYED"];

/**
 * A stream of the process that falls silent at its first failed write instead of ending the process: what runs is worth more than
 * what is said of it.
 *
 * @param onFailure is told of a failure that is not for want of a reader, such as a full disk.
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
