import type { ByteSource } from "../contracts/dataset.js";
import { GanymedeError } from "../errors/ganymede-error.js";

/**
 * Bytes in memory as a `ByteSource`; nothing is copied.
 *
 * @param name name in errors.
 */
export function bytesSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    async read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > bytes.length) {
        throw new GanymedeError(
          "invalid-data",
          `${name}: a read must stay within ${bytes.length} bytes, got ${length} bytes at ${offset}; the file is shorter than its header says`,
        );
      }
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** Copies bytes into a new buffer, aligned for a typed array of any element type. */
export async function readOwn(source: ByteSource, offset: number, length: number): Promise<ArrayBuffer> {
  return new Uint8Array(await source.read(offset, length)).buffer;
}
