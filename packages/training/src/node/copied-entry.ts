import type { PendingEntry } from "@ganymede/core/checkpoint";

/** A copy of an array of a state. */
export interface CopiedEntry extends Pick<PendingEntry, "name" | "shape" | "dtype"> {
  readonly bytes: ArrayBuffer;
}

const arrayOf = { F32: Float32Array, F64: Float64Array, I32: Int32Array, U8: Uint8Array, BOOL: Uint8Array } as const;

/** A copied array as an entry of a checkpoint. */
export function entryOf({ bytes, ...entry }: CopiedEntry): PendingEntry {
  return { ...entry, read: async () => new arrayOf[entry.dtype](bytes) };
}
