import type { ByteSource } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { allBytes } from "./byte-source.js";

/** An array of an IDX file: `shape` as in the file, values in row-major order. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}

const unsignedByte = 0x08;

function invalid(name: string, rule: string): GanymedeError {
  return new GanymedeError("invalid-data", `${name}: ${rule}; download the file again`);
}

/**
 * Reads an IDX file of unsigned bytes: two zero bytes, the type 0x08, the number of axes, one big-endian uint32 per axis,
 * then the values. The values are a view of the bytes.
 *
 * Source: http://yann.lecun.com/exdb/mnist/, "The IDX file format".
 *
 * @throws GanymedeError `invalid-data` for another type, for a file shorter or longer than its header says.
 */
export function decodeIdx(bytes: Uint8Array, name: string): IdxArray {
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) {
    throw invalid(
      name,
      `an IDX file must begin with two zero bytes, a type and a rank, got ${bytes.length} other bytes`,
    );
  }
  const rank = bytes[3] as number;
  if (bytes[2] !== unsignedByte || rank === 0) {
    throw invalid(
      name,
      `an IDX file must hold unsigned bytes (type 8) in 1 or more axes, got type ${bytes[2]}, ${rank} axes`,
    );
  }
  const start = 4 + 4 * rank;
  if (bytes.length < start) throw invalid(name, `the IDX header must have ${start} bytes, got ${bytes.length}`);
  const header = new DataView(bytes.buffer, bytes.byteOffset, start);
  const shape = Array.from({ length: rank }, (_, axis) => header.getUint32(4 + 4 * axis, false));
  const count = shape.reduce((product, size) => product * size, 1);
  if (bytes.length - start !== count) {
    throw invalid(name, `the IDX header promises ${count} values (${shape.join(" x ")}), got ${bytes.length - start}`);
  }
  return { shape, values: bytes.subarray(start) };
}

/** Reads an IDX file from a source; see {@link decodeIdx}. */
export async function readIdx(source: ByteSource): Promise<IdxArray> {
  return decodeIdx(await allBytes(source), source.name);
}
