import { type ByteSource, GanymedeError } from "@ganymede/core";
import { allFinite, type Inflate, openZip, writeZip } from "@ganymede/core/checkpoint";
import type { Moments } from "./feature-statistics.js";

const magic = "\x93NUMPY";

/** Most features: their covariance takes 512 MiB. */
const mostFeatures = 8192;

/** Longest header of an array in bytes; NumPy writes 128. */
const mostHeader = 2 ** 16;

/** A float64 array in NumPy's format, version 1.0, row-major. */
function writeNpy(data: Float64Array, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '<f8', 'fortran_order': False, 'shape': (${tuple}), }`;
  // The data starts at a multiple of 64 bytes; the header ends with a newline.
  const header = `${text.padEnd(Math.ceil((10 + text.length + 1) / 64) * 64 - 11)}\n`;
  const out = new Uint8Array(10 + header.length + data.byteLength);
  out.set(Uint8Array.from(`${magic}\x01\x00`, (character) => character.charCodeAt(0)));
  new DataView(out.buffer).setUint16(8, header.length, true);
  out.set(new TextEncoder().encode(header), 10);
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + header.length);
  return out;
}

interface NpyArray {
  readonly data: Float64Array;
  readonly shape: readonly number[];
}

function readNpy(bytes: Uint8Array | undefined, rank: number, who: string): NpyArray {
  const fail = (got: string): GanymedeError =>
    new GanymedeError(
      "invalid-data",
      `${who}: must be a row-major array of ${rank} axes in float64 or float32, got ${got}; save mu and sigma with numpy.savez`,
    );
  if (bytes === undefined || bytes.length < 12) throw fail("none");
  const start = String.fromCharCode(...bytes.subarray(0, 6));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = bytes[6] === 1 ? 10 : 12;
  const end = first + Math.min(mostHeader, bytes[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
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
    throw fail(`shape (${shape.slice(0, 8).join(", ")}) in ${bytes.length} bytes`);
  const own = new Uint8Array(bytes.subarray(end)).buffer;
  const data = width === 8 ? new Float64Array(own) : Float64Array.from(new Float32Array(own));
  if (!allFinite(data)) throw fail("non-finite values");
  return { data, shape };
}

/** Moments as an `.npz` file with `mu` and `sigma`, which pytorch-fid can read. */
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
 * Reads moments from an `.npz` file with `mu` and `sigma`, the format of pytorch-fid's `--save-stats`; at most 8,192 features.
 *
 * @param inflate decompresses members; without it compressed ones are rejected.
 * @throws GanymedeError `invalid-data` if a key is missing or an array has another type or shape.
 */
export async function readNpz(source: ByteSource, inflate?: Inflate): Promise<Moments> {
  const who = source.name;
  const files = await openZip(source, inflate);
  const mean = readNpy(await files.get("mu.npy")?.read(mostHeader + 8 * mostFeatures), 1, `${who}: mu`);
  const n = mean.data.length;
  // A compressed member may claim a thousand times its size: no more is decompressed than the mean requires.
  const covariance = readNpy(await files.get("sigma.npy")?.read(mostHeader + 8 * n ** 2), 2, `${who}: sigma`);
  if (covariance.shape.some((length) => length !== n)) {
    throw new GanymedeError(
      "invalid-data",
      `${who}: sigma must be ${n} by ${n}, got ${covariance.shape.join(" by ")}; save mu and sigma of the same features`,
    );
  }
  return { mean: mean.data, covariance: covariance.data };
}
