import type { ByteSource } from "../../contracts/dataset.js";
import { GanymedeError } from "../../errors/ganymede-error.js";
import { shorten } from "../../errors/shorten.js";
import { crc32 } from "./crc32.js";
import { damaged, readZipDirectory, viewOf, type ZipRecord } from "./zip-directory.js";

/**
 * Expands raw DEFLATE data to `size` bytes and must not make more of it, whatever the data says:
 * `(data, size) => inflateRawSync(data, { maxOutputLength: Math.max(1, size) })` of node:zlib.
 */
export type Inflate = (compressed: Uint8Array, size: number) => Uint8Array;

/** One file of an archive. */
export interface ZipFile {
  readonly name: string;
  /** Bytes when expanded, as the archive says. */
  readonly size: number;
  /** True when its bytes stand in the archive as they are, so that parts can be read. */
  readonly stored: boolean;
  /**
   * The whole file, after a check of its size and checksum.
   *
   * @param most bytes that the caller has use for; a larger file is refused before anything is read.
   */
  read(most: number): Promise<Uint8Array>;
  /** Some bytes of a stored file, without a check of the checksum. */
  readPart(offset: number, length: number): Promise<Uint8Array>;
}

/** DEFLATE makes at most 1,032 bytes of one; a little more for its last block. */
const largestExpansion = (packed: number): number => 1032 * packed + 1032;

const localSignature = 0x04034b50;

/** Where the bytes of a file begin: behind its local header, whose names and extra fields may differ from the directory's. */
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
        `${source.name}: "${name}" is compressed by method ${method}, which is not read here; store it uncompressed`,
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
 * The files of a zip archive of any size by name, from its central directory; each is read when it is asked for.
 *
 * @throws GanymedeError `invalid-data` when the archive is truncated or damaged, `unsupported` for encrypted files, and, on reading, for
 *   compressed ones without `inflate`.
 */
export async function openZip(source: ByteSource, inflate?: Inflate): Promise<ReadonlyMap<string, ZipFile>> {
  const records = await readZipDirectory(source);
  return new Map([...records].map(([name, record]) => [name, zipFile(source, record, inflate)]));
}
