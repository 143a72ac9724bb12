import type { ByteSource } from "../contracts/dataset.js";
import { shorten } from "../errors/shorten.js";
import { readOwn } from "./bytes-source.js";
import { type ElementArray, type ElementType, elementTypes } from "./element-type.js";
import { headerLength, lengthBytes, parseHeader } from "./safetensors-header.js";

/** An array of a file; half floats, and integers that tensors do not support, are converted. */
export interface CheckpointTensor {
  /** Type in the file. */
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly data: ElementArray;
}

/** An array that is still in its file. */
export interface StoredTensor {
  /** Type in the file. */
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  /** Reads the values into a new array, which the caller owns. */
  read(): Promise<ElementArray>;
}

/** Tensors of a safetensors file by name, with its metadata. */
export interface Checkpoint<Tensor = CheckpointTensor> {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/**
 * Reads a safetensors file from memory; every array is a copy.
 *
 * @param who name of the file in errors.
 * @throws GanymedeError `invalid-checkpoint` if the file is truncated, damaged or has an unknown element type.
 */
export function decodeSafetensors(bytes: Uint8Array, who = "decodeSafetensors"): Checkpoint {
  const first = lengthBytes + headerLength(bytes.subarray(0, lengthBytes), bytes.length, who);
  const { metadata, places } = parseHeader(bytes.subarray(lengthBytes, first), bytes.length, who);
  const tensors = new Map<string, CheckpointTensor>();
  for (const { name, dtype, shape, begin, end } of places) {
    const own = new Uint8Array(bytes.subarray(begin, end)).buffer;
    tensors.set(name, { dtype, shape, data: elementTypes[dtype].decode(own, `${who}: "${shorten(name)}"`) });
  }
  return { metadata, tensors };
}

/**
 * Opens a safetensors file of any size: reads and checks its header; arrays are read on demand.
 *
 * @throws GanymedeError `invalid-checkpoint` if the file is truncated, damaged or has an unknown element type.
 */
export async function openSafetensors(source: ByteSource): Promise<Checkpoint<StoredTensor>> {
  const { name: who, size: total } = source;
  const length = headerLength(await source.read(0, Math.min(lengthBytes, total)), total, who);
  const { metadata, places } = parseHeader(await source.read(lengthBytes, length), total, who);
  const stored = places.map(({ name, dtype, shape, begin, end }): [string, StoredTensor] => [
    name,
    {
      dtype,
      shape,
      read: async () =>
        elementTypes[dtype].decode(await readOwn(source, begin, end - begin), `${who}: "${shorten(name)}"`),
    },
  ]);
  return { metadata, tensors: new Map(stored) };
}
