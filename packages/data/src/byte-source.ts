import type { ByteSource } from "@ganymede/core";

export { bytesSource } from "@ganymede/core/checkpoint";

/** All bytes of a source. */
export async function allBytes(source: ByteSource): Promise<Uint8Array> {
  return source.read(0, source.size);
}
