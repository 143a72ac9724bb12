import { GanymedeError } from "../../errors/ganymede-error.js";

/** Expands raw DEFLATE data to a known size; `inflateRawSync` of node:zlib is one. */
export type Inflate = (compressed: Uint8Array, size: number) => Uint8Array;

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;

/** True when the bytes begin as a zip archive does. */
export function looksLikeZip(bytes: Uint8Array): boolean {
  return bytes.length > 4 && bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);
}

/**
 * The files of a zip archive by name, from its central directory; stored ones without a copy.
 *
 * Source: PKWARE's APPNOTE. Archives above 4 GB (ZIP64 sizes) are refused.
 * @throws GanymedeError `invalid-data` when the archive is truncated, `unsupported` for compressed files without `inflate`.
 */
export function readZip(bytes: Uint8Array, who: string, inflate?: Inflate): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const truncated = (): GanymedeError =>
    new GanymedeError("invalid-data", `${who}: the zip archive is truncated or damaged; use another copy of the file`);
  let end = bytes.length - 22;
  // A comment of up to 65,535 bytes may follow the end record.
  const earliest = Math.max(0, end - 65_535);
  while (end >= earliest && view.getUint32(end, true) !== endSignature) end--;
  if (end < earliest || bytes.length < 22) throw truncated();
  const files = new Map<string, Uint8Array>();
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== entrySignature) throw truncated();
    const method = view.getUint16(at + 10, true);
    const packed = view.getUint32(at + 20, true);
    const size = view.getUint32(at + 24, true);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const local = view.getUint32(at + 42, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength!));
    at += 46 + nameLength! + extraLength! + commentLength!;
    if (local + 30 > bytes.length || view.getUint32(local, true) !== localSignature) throw truncated();
    const begin = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    if (begin + packed > bytes.length) throw truncated();
    const data = bytes.subarray(begin, begin + packed);
    if (method === 0) files.set(name, data);
    else if (method === 8 && inflate !== undefined) files.set(name, inflate(data, size));
    else {
      throw new GanymedeError(
        "unsupported",
        `${who}: "${name}" is compressed by method ${method}, which is not read here; store it uncompressed`,
      );
    }
  }
  return files;
}
