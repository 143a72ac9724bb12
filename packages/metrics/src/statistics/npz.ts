import { GanymedeError, type Inflate, readZip, writeZip } from "@ganymede/core";
import type { Moments } from "./feature-statistics.js";

const magic = "\x93NUMPY";

/** A float64 array in NumPy's format, version 1.0, row-major. */
function writeNpy(data: Float64Array, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '<f8', 'fortran_order': False, 'shape': (${tuple}), }`;
  // The data begins at a multiple of 64 bytes; the header ends with a new line.
  const header = `${text.padEnd(Math.ceil((10 + text.length + 1) / 64) * 64 - 11)}\n`;
  const out = new Uint8Array(10 + header.length + data.byteLength);
  out.set(Uint8Array.from(`${magic}\x01\x00`, (character) => character.charCodeAt(0)));
  new DataView(out.buffer).setUint16(8, header.length, true);
  out.set(new TextEncoder().encode(header), 10);
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + header.length);
  return out;
}

function readNpy(bytes: Uint8Array | undefined, rank: number, who: string): { data: Float64Array; length: number } {
  const fail = (got: string): GanymedeError =>
    new GanymedeError(
      "invalid-data",
      `${who}: must be a row-major array of ${rank} axes in float64 or float32, got ${got}; save mu and sigma with numpy.savez`,
    );
  if (bytes === undefined || bytes.length < 12) throw fail("none");
  const start = String.fromCharCode(...bytes.subarray(0, 6));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = bytes[6] === 1 ? 10 : 12;
  const end = first + (bytes[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  const header = new TextDecoder().decode(bytes.subarray(first, end));
  const match = /'descr': '<f([48])', 'fortran_order': False, 'shape': \(([\d, ]*)\)/.exec(header);
  if (start !== magic || match === null) throw fail(JSON.stringify(header.trim().slice(0, 80)));
  const shape = (match[2] ?? "")
    .split(",")
    .filter((part) => part.trim() !== "")
    .map(Number);
  const width = Number(match[1]);
  const size = shape.reduce((product, length) => product * length, 1);
  if (shape.length !== rank || bytes.length !== end + width * size)
    throw fail(`shape (${shape.join(", ")}) in ${bytes.length} bytes`);
  const own = new Uint8Array(bytes.subarray(end)).buffer;
  return {
    data: width === 8 ? new Float64Array(own) : Float64Array.from(new Float32Array(own)),
    length: shape[0] ?? 0,
  };
}

/** Moments as an `.npz` file with `mu` and `sigma`, which pytorch-fid reads. */
export function writeNpz({ mean, covariance }: Moments): Uint8Array {
  const n = mean.length;
  return writeZip(
    new Map([
      ["mu.npy", writeNpy(mean, [n])],
      ["sigma.npy", writeNpy(covariance, [n, n])],
    ]),
  );
}

/**
 * Moments from an `.npz` file with `mu` and `sigma`, as pytorch-fid's `--save-stats` writes them.
 *
 * @param inflate expands compressed members (`inflateRawSync` of node:zlib); without it they are refused.
 * @throws GanymedeError `invalid-data` when a key is missing or an array is of another kind.
 */
export function readNpz(bytes: Uint8Array, who: string, inflate?: Inflate): Moments {
  const files = readZip(bytes, who, inflate);
  const mean = readNpy(files.get("mu.npy"), 1, `${who}: mu`);
  const covariance = readNpy(files.get("sigma.npy"), 2, `${who}: sigma`);
  if (covariance.data.length !== mean.length ** 2) {
    throw new GanymedeError(
      "invalid-data",
      `${who}: sigma must be ${mean.length} by ${mean.length}; save mu and sigma of the same features`,
    );
  }
  return { mean: mean.data, covariance: covariance.data };
}
