import type { ByteSource } from "../../contracts/dataset.js";
import { GanymedeError } from "../../errors/ganymede-error.js";
import { shorten } from "../../errors/shorten.js";

/** A file of an archive, as described by the central directory. */
export interface ZipRecord {
  readonly name: string;
  /** 0 for stored, 8 for DEFLATE. */
  readonly method: number;
  readonly crc: number;
  /** Compressed size in bytes. */
  readonly packed: number;
  /** Uncompressed size in bytes. */
  readonly size: number;
  /** Offset of its local header. */
  readonly local: number;
}

const signatures = { end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50, entry: 0x02014b50 } as const;
const lengths = { end: 22, end64: 56, locator64: 20, entry: 46, comment: 65_535 } as const;

/** Largest central directory that is read, in bytes: about 500,000 files. */
const largestDirectory = 2 ** 25;

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export function damaged(who: string): GanymedeError {
  return new GanymedeError(
    "invalid-data",
    `${who}: the zip archive is truncated or damaged; use another copy of the file`,
  );
}

/** True if the bytes start like a zip archive. */
export function looksLikeZip(start: Uint8Array): boolean {
  return start.length >= 4 && start[0] === 0x50 && start[1] === 0x4b && (start[2] === 3 || start[2] === 5);
}

/** A 64-bit number; values too large for any file become Infinity, which fails every comparison. */
function number64(view: DataView, at: number): number {
  const value = Number(view.getBigUint64(at, true));
  return Number.isSafeInteger(value) ? value : Number.POSITIVE_INFINITY;
}

interface DirectoryPlace {
  readonly count: number;
  readonly size: number;
  readonly offset: number;
}

/** The ZIP64 end record, if the locator before the plain end record points to one. */
async function findEnd64(source: ByteSource, end: number): Promise<DirectoryPlace | null> {
  const at = end - lengths.locator64;
  if (at < 0) return null;
  const locator = viewOf(await source.read(at, lengths.locator64));
  if (locator.getUint32(0, true) !== signatures.locator64) return null;
  const offset = number64(locator, 8);
  if (offset + lengths.end64 > at) throw damaged(source.name);
  const view = viewOf(await source.read(offset, lengths.end64));
  if (view.getUint32(0, true) !== signatures.end64) throw damaged(source.name);
  return { count: number64(view, 32), size: number64(view, 40), offset: number64(view, 48) };
}

async function findDirectory(source: ByteSource): Promise<DirectoryPlace> {
  const length = Math.min(source.size, lengths.end + lengths.comment);
  const start = source.size - length;
  const view = viewOf(await source.read(start, length));
  let at = length - lengths.end;
  // A comment follows the end record and ends the file.
  const isEnd = (from: number): boolean =>
    view.getUint32(from, true) === signatures.end && from + lengths.end + view.getUint16(from + 20, true) === length;
  while (at >= 0 && !isEnd(at)) at--;
  if (at < 0) throw damaged(source.name);
  const large = await findEnd64(source, start + at);
  if (large !== null) return large;
  return {
    count: view.getUint16(at + 10, true),
    size: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
  };
}

/** The 64-bit fields of an entry: extra field 1 holds them in order, for those that are all ones in the record. */
function largeNumbers(extra: DataView, given: readonly number[], who: string): readonly number[] {
  let [at, end] = [0, 0];
  for (let next = 0; next + 4 <= extra.byteLength; next += 4 + extra.getUint16(next + 2, true)) {
    if (extra.getUint16(next, true) !== 1) continue;
    at = next + 4;
    end = Math.min(extra.byteLength, at + extra.getUint16(next + 2, true));
    break;
  }
  return given.map((value) => {
    if (value !== 0xffffffff) return value;
    if (at + 8 > end) throw damaged(who);
    at += 8;
    return number64(extra, at - 8);
  });
}

/**
 * The central directory of a zip archive, by name, including ZIP64.
 *
 * Source: PKWARE's APPNOTE.
 * @throws GanymedeError `invalid-data` if the archive is truncated or damaged, `unsupported` if it is encrypted.
 */
export async function readZipDirectory(source: ByteSource): Promise<ReadonlyMap<string, ZipRecord>> {
  const who = source.name;
  const { count, size, offset } = await findDirectory(source);
  if (!(offset + size <= source.size) || size > largestDirectory || count * lengths.entry > size) throw damaged(who);
  const bytes = await source.read(offset, size);
  const view = viewOf(bytes);
  const records = new Map<string, ZipRecord>();
  let at = 0;
  for (let left = count; left > 0; left--) {
    if (at + lengths.entry > size || view.getUint32(at, true) !== signatures.entry) throw damaged(who);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => view.getUint16(at + field, true)) as [
      number,
      number,
      number,
    ];
    const extra = at + lengths.entry + nameLength;
    const next = extra + extraLength + commentLength;
    if (next > size) throw damaged(who);
    const name = new TextDecoder().decode(bytes.subarray(at + lengths.entry, extra));
    const given = [24, 20, 42].map((field) => view.getUint32(at + field, true));
    const numbers = largeNumbers(viewOf(bytes.subarray(extra, extra + extraLength)), given, who);
    const [expanded, packed, local] = numbers as [number, number, number];
    if (view.getUint16(at + 8, true) & 1) {
      throw new GanymedeError("unsupported", `${who}: "${shorten(name)}" is encrypted; save it without a password`);
    }
    // With two files of one name it is ambiguous which one to read.
    if (records.has(name) || local + packed > source.size) throw damaged(who);
    const [method, crc] = [view.getUint16(at + 10, true), view.getUint32(at + 16, true)];
    records.set(name, { name, method, crc, packed, size: expanded, local });
    at = next;
  }
  return records;
}
