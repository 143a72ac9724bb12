import { GanymedeError } from "../errors/ganymede-error.js";
import { type ElementArray, elementTypes } from "./element-type.js";

/** One named array of a checkpoint; `data` has as many elements as `shape` says, row-major. */
export interface CheckpointEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: "F32" | "F64" | "I32" | "U8" | "BOOL";
  readonly data: ElementArray;
}

const arrayOf = { F32: Float32Array, F64: Float64Array, I32: Int32Array, U8: Uint8Array, BOOL: Uint8Array } as const;

function checkEntry({ name, shape, dtype, data }: CheckpointEntry, seen: Set<string>): void {
  if (name === "__metadata__" || seen.has(name)) {
    throw new GanymedeError(
      "invalid-argument",
      `encodeSafetensors: names must be unique and free, got "${name}" again`,
    );
  }
  seen.add(name);
  const size = shape.reduce((product, length) => product * length, 1);
  if (!(data instanceof arrayOf[dtype]) || data.length !== size) {
    throw new GanymedeError(
      "invalid-argument",
      `encodeSafetensors: "${name}" must be ${size} values of ${dtype}, got ${data.length} in ${data.constructor.name}`,
    );
  }
}

/**
 * A safetensors file as its parts, header first, without copying the data: write them one after the other.
 *
 * Entries are laid out by falling element size and the header is padded with spaces to a multiple of 8 bytes, so that every
 * array is aligned to its elements. Format: https://huggingface.co/docs/safetensors.
 *
 * @throws GanymedeError `invalid-argument` when a name repeats or an array does not fit its shape.
 */
export function safetensorsChunks(
  entries: readonly CheckpointEntry[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const seen = new Set<string>();
  for (const entry of entries) checkEntry(entry, seen);
  const ordered = [...entries].sort((a, b) => elementTypes[b.dtype].bytes - elementTypes[a.dtype].bytes);
  let offset = 0;
  const described = ordered.map(({ name, shape, dtype, data }): [string, unknown] => {
    const begin = offset;
    offset += data.byteLength;
    return [name, { dtype, shape, data_offsets: [begin, offset] }];
  });
  const json = JSON.stringify(Object.fromEntries([["__metadata__", metadata], ...described]));
  const text = new TextEncoder().encode(json);
  const header = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true);
  header.set(text, 8);
  return [header, ...ordered.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength))];
}

/** A whole safetensors file in one array; `safetensorsChunks` does without the copy. */
export function encodeSafetensors(
  entries: readonly CheckpointEntry[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const chunks = safetensorsChunks(entries, metadata);
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
