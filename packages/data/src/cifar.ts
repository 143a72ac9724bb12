import { GanymedeError } from "@ganymede/core";

/** Number of label bytes per record: 1 in CIFAR-10, 2 (coarse, fine) in CIFAR-100. */
export type CifarLabels = 1 | 2;

/** Decoded records: pixels `[length, 32, 32, 3]` and a class each (the fine one of CIFAR-100). */
export interface CifarImages {
  readonly length: number;
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

const side = 32;
const plane = side * side;

/** Size in bytes of a record of the binary version. */
export function cifarRecordSize(labels: CifarLabels): number {
  return labels + 3 * plane;
}

/**
 * Reads records of CIFAR's binary version: label bytes, then 1024 red, 1024 green and 1024 blue values, row-major. The planes
 * are interleaved to `[32, 32, 3]`.
 *
 * Source: https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version".
 *
 * @throws GanymedeError `invalid-data` if the bytes are not a whole number of records, or a class is out of range.
 */
export function decodeCifar(bytes: Uint8Array, labelBytes: CifarLabels, name: string): CifarImages {
  const record = cifarRecordSize(labelBytes);
  if (bytes.length === 0 || bytes.length % record !== 0) {
    throw new GanymedeError(
      "invalid-data",
      `${name}: a CIFAR file must be a whole number of ${record}-byte records, got ${bytes.length} bytes; download the file again`,
    );
  }
  const length = bytes.length / record;
  const classes = labelBytes === 1 ? 10 : 100;
  const pixels = new Uint8Array(length * 3 * plane);
  const labels = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const start = i * record + labelBytes;
    const label = bytes[start - 1] as number;
    if (label >= classes) {
      throw new GanymedeError(
        "invalid-data",
        `${name}: a class must be below ${classes}, got ${label} in record ${i}; download the file again`,
      );
    }
    labels[i] = label;
    interleave(bytes, start, pixels, i * 3 * plane);
  }
  return { length, pixels, labels };
}

function interleave(from: Uint8Array, start: number, to: Uint8Array, at: number): void {
  for (let p = 0; p < plane; p++) {
    to[at + 3 * p] = from[start + p] as number;
    to[at + 3 * p + 1] = from[start + plane + p] as number;
    to[at + 3 * p + 2] = from[start + 2 * plane + p] as number;
  }
}
