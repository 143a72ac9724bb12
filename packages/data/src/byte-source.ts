import type { ByteSource } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";

/**
 * Bytes that are already in memory, as a `ByteSource`; nothing is copied.
 *
 * @param name shown in errors.
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

/** All bytes of a source, or the bytes themselves, with a name for errors. */
export async function allBytes(source: ByteSource): Promise<Uint8Array> {
  return source.read(0, source.size);
}
