import { GanymedeError } from "../errors/ganymede-error.js";
import { type ElementArray, elementTypes } from "./element-type.js";

interface Described {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: "F32" | "F64" | "I32" | "U8" | "BOOL";
}

/** A named array of a checkpoint; `data` has as many elements as `shape`, row-major. */
export interface CheckpointEntry extends Described {
  readonly data: ElementArray;
}

/** A named array whose values are read when they are written. */
export interface PendingEntry extends Described {
  read(): Promise<ElementArray>;
}

const arrayOf = { F32: Float32Array, F64: Float64Array, I32: Int32Array, U8: Uint8Array, BOOL: Uint8Array } as const;

const countOf = ({ shape }: Described): number => shape.reduce((product, length) => product * length, 1);

/** The bytes of an entry; checks their type and number. */
function bytesOf(entry: Described, data: ElementArray): Uint8Array {
  const { name, dtype } = entry;
  const count = countOf(entry);
  if (!(data instanceof arrayOf[dtype]) || data.length !== count) {
    throw new GanymedeError(
      "invalid-argument",
      `encodeSafetensors: "${name}" must be ${count} values of ${dtype}, got ${data.length} in ${data.constructor.name}`,
    );
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * The header of a file, and the entries in data order: by descending element size, with the header padded with spaces to a
 * multiple of 8 bytes, so that every array is aligned. Format: https://huggingface.co/docs/safetensors.
 */
function layOut<Entry extends Described>(
  entries: readonly Entry[],
  metadata: Readonly<Record<string, string>>,
): { readonly header: Uint8Array; readonly ordered: readonly Entry[] } {
  const seen = new Set<string>(["__metadata__"]);
  const ordered = [...entries].sort((a, b) => elementTypes[b.dtype].bytes - elementTypes[a.dtype].bytes);
  let offset = 0;
  const described = ordered.map((entry): [string, unknown] => {
    const { name, shape, dtype } = entry;
    if (seen.has(name)) {
      throw new GanymedeError(
        "invalid-argument",
        `encodeSafetensors: names must be unique and free, got "${name}" again`,
      );
    }
    seen.add(name);
    const begin = offset;
    offset += countOf(entry) * elementTypes[dtype].bytes;
    return [name, { dtype, shape, data_offsets: [begin, offset] }];
  });
  const json = JSON.stringify(Object.fromEntries([["__metadata__", metadata], ...described]));
  const text = new TextEncoder().encode(json);
  const header = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true);
  header.set(text, 8);
  return { header, ordered };
}

/**
 * A whole safetensors file in one array; to avoid the copy, use `streamSafetensors`.
 *
 * @throws GanymedeError `invalid-argument` if a name repeats or an array does not fit its shape.
 */
export function encodeSafetensors(
  entries: readonly CheckpointEntry[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const { header, ordered } = layOut(entries, metadata);
  const chunks = [header, ...ordered.map((entry) => bytesOf(entry, entry.data))];
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/**
 * A safetensors file of any size in chunks, header first, to be written in order. Values are read one array at a time.
 *
 * @throws GanymedeError `invalid-argument` if a name repeats or an array does not fit its shape.
 */
export async function* streamSafetensors(
  entries: readonly (CheckpointEntry | PendingEntry)[],
  metadata: Readonly<Record<string, string>> = {},
): AsyncGenerator<Uint8Array, void, void> {
  const { header, ordered } = layOut(entries, metadata);
  yield header;
  for (const entry of ordered) yield bytesOf(entry, "data" in entry ? entry.data : await entry.read());
}
