import type { ByteSource } from "../../contracts/dataset.js";
import { GanymedeError } from "../../errors/ganymede-error.js";
import { shorten } from "../../errors/shorten.js";
import { crc32 } from "./crc32.js";
import { damaged, readZipDirectory, viewOf, type ZipRecord } from "./zip-directory.js";

/**
 * Decompresses raw DEFLATE data to at most `size` bytes, whatever the data contains:
 * `(data, size) => inflateRawSync(data, { maxOutputLength: Math.max(1, size) })` of node:zlib.
 */
export type Inflate = (compressed: Uint8Array, size: number) => Uint8Array;

/** One file of an archive. */
export interface ZipFile {
  readonly name: string;
  /** Uncompressed size in bytes, according to the archive. */
  readonly size: number;
  /** True if the file is stored uncompressed, so that parts of it can be read. */
  readonly stored: boolean;
  /**
   * Reads the whole file; checks its size and checksum.
   *
   * @param most limit in bytes; a larger file is rejected before it is read.
   */
  read(most: number): Promise<Uint8Array>;
  /** Reads part of a stored file, without checking the checksum. */
  readPart(offset: number, length: number): Promise<Uint8Array>;
}

/** DEFLATE expands by at most a factor of 1,032, plus a little for its last block. */
const largestExpansion = (packed: number): number => 1032 * packed + 1032;

const localSignature = 0x04034b50;

/** Offset of a file's data: after its local header, whose names and extra fields may differ from the directory's. */
async function beginOf(source: ByteSource, { local, packed }: ZipRecord): Promise<number> {
  if (local + 30 > source.size) throw damaged(source.name);
  const header = viewOf(await source.read(local, 30));
  if (header.getUint32(0, true) !== localSignature) throw damaged(source.name);
  const begin = local + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  if (begin + packed > source.size) throw damaged(source.name);
  return begin;
}

function zipFile(source: ByteSource, record: ZipRecord, inflate: Inflate | undefined): ZipFile {
  const { method, size, packed, crc } = record;
  const name = shorten(record.name);
  const expand = (data: Uint8Array): Uint8Array => {
    if (method === 0) return data;
    if (method !== 8 || inflate === undefined) {
      throw new GanymedeError(
        "unsupported",
        `${source.name}: "${name}" is compressed by method ${method}, which is not supported here; store it uncompressed`,
      );
    }
    try {
      return inflate(data, size);
    } catch {
      throw damaged(source.name);
    }
  };
  return {
    name: record.name,
    size,
    stored: method === 0 && packed === size,
    async read(most) {
      if (size > most) {
        throw new GanymedeError(
          "invalid-data",
          `${source.name}: "${name}" must have at most ${most} bytes, got ${size}; use another copy of the file`,
        );
      }
      if (method === 0 ? size !== packed : size > largestExpansion(packed)) throw damaged(source.name);
      const data = expand(await source.read(await beginOf(source, record), packed));
      if (data.length !== size || crc32(data) !== crc) throw damaged(source.name);
      return data;
    },
    async readPart(offset, length) {
      if (offset + length > size) throw damaged(source.name);
      return source.read((await beginOf(source, record)) + offset, length);
    },
  };
}

/**
 * Opens a zip archive of any size: its files by name, from the central directory. Files are read on demand.
 *
 * @throws GanymedeError `invalid-data` if the archive is truncated or damaged, `unsupported` for encrypted files; reading a compressed
 *   file without `inflate` throws `unsupported` too.
 */
export async function openZip(source: ByteSource, inflate?: Inflate): Promise<ReadonlyMap<string, ZipFile>> {
  const records = await readZipDirectory(source);
  return new Map([...records].map(([name, record]) => [name, zipFile(source, record, inflate)]));
}
