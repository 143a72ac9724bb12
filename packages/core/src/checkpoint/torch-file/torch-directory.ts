import type { ByteSource } from "../../contracts/dataset.js";
import { GanymedeError } from "../../errors/ganymede-error.js";
import { shorten } from "../../errors/shorten.js";
import { openZip, type ZipFile } from "../zip/open-zip.js";
import { looksLikeZip, viewOf } from "../zip/zip-directory.js";
import { readPickle } from "./pickle.js";
import { PickleEndError, type PickleValue } from "./pickle-machine.js";
import { sizeOf, type TensorPlace, type TorchStorage, tensorPlaces, torchHost } from "./torch-objects.js";

/** The tensors of a file, and access to the bytes of their storages. */
export interface TorchDirectory {
  readonly places: ReadonlyMap<string, TensorPlace>;
  /** Reads bytes of a storage, from its start. */
  readStorage(storage: TorchStorage, offset: number, length: number): Promise<Uint8Array>;
}

/** Value of the first pickle in PyTorch's legacy format, rounded to float64. */
const legacyMagic = Number(0x1950a86a20f9469cfc6cn);
const legacyVersion = 1001;
/** Every pickle of PyTorch starts with this opcode. */
const protocolCode = 0x80;

/** Largest directory that is read, in bytes: a file of 2,000 tensors has less than one megabyte. */
const largestDirectory = 2 ** 24;

/** Contents of the five pickles of a legacy file. */
interface LegacyPickles {
  readonly places: ReadonlyMap<string, TensorPlace>;
  readonly storages: ReadonlyMap<string, TorchStorage>;
  readonly keys: PickleValue;
  readonly end: number;
}

function legacyPickles(bytes: Uint8Array, who: string): LegacyPickles {
  const foreign = (): GanymedeError =>
    new GanymedeError(
      "invalid-data",
      `${who}: the file must be written by torch.save, got other bytes; save a state dict`,
    );
  if (bytes[0] !== protocolCode) throw foreign();
  const storages = new Map<string, TorchStorage>();
  const host = torchHost(who, storages);
  let end = 0;
  const next = (): PickleValue => {
    const pickle = readPickle(bytes, end, host, who);
    end = pickle.end;
    return pickle.value;
  };
  const [magic, version] = [next(), next()];
  if (magic !== legacyMagic || version !== legacyVersion) throw foreign();
  const machine = next();
  if (machine instanceof Map && machine.get("little_endian") === false) {
    throw new GanymedeError("unsupported", `${who}: the file is big-endian; save it on a little-endian machine`);
  }
  const places = tensorPlaces(next(), who);
  return { places, storages, keys: next(), end };
}

/** Reads the pickles from a growing prefix of the file, because their length is not stored. */
async function readLegacyPickles(source: ByteSource): Promise<LegacyPickles> {
  const most = Math.min(source.size, largestDirectory);
  for (let length = Math.min(most, 2 ** 18); ; length = Math.min(most, 8 * length)) {
    try {
      return legacyPickles(await source.read(0, length), source.name);
    } catch (error) {
      if (!(error instanceof PickleEndError) || length === most) throw error;
    }
  }
}

/**
 * Legacy files are five pickles (magic, version, machine, object, storage keys) followed by a 64-bit count and the raw values of each
 * storage, in the order of the keys.
 */
async function legacyDirectory(source: ByteSource): Promise<TorchDirectory> {
  const who = source.name;
  const { places, storages, keys, end } = await readLegacyPickles(source);
  const fail = (rule: string): GanymedeError =>
    new GanymedeError("invalid-data", `${who}: ${rule}; use another copy of the file`);
  const begins = new Map<string, number>();
  let offset = end;
  for (const key of Array.isArray(keys) ? keys : []) {
    const storage = typeof key === "string" ? storages.get(key) : undefined;
    if (storage === undefined) throw fail("every storage key of the file must name a storage");
    if (begins.has(storage.key)) throw fail(`storage "${shorten(storage.key)}" must be in the file once, got two`);
    begins.set(storage.key, offset + 8);
    offset += 8 + sizeOf(storage);
  }
  if (offset > source.size) {
    throw new GanymedeError(
      "invalid-data",
      `${who}: the file is truncated, it must have ${offset} bytes, got ${source.size}; use a complete copy`,
    );
  }
  for (const { key } of storages.values()) {
    if (!begins.has(key)) throw fail(`storage "${shorten(key)}" must be in the file, got none`);
  }
  return {
    places,
    async readStorage({ key, size }, from, length) {
      const begin = begins.get(key) as number;
      const count = viewOf(await source.read(begin - 8, 8)).getBigUint64(0, true);
      if (count !== BigInt(size)) throw fail(`storage "${shorten(key)}" must have ${size} values, got ${count}`);
      return source.read(begin + from, length);
    },
  };
}

/** Newer files are a zip archive with `data.pkl` and one stored file per storage. */
async function zipDirectory(source: ByteSource): Promise<TorchDirectory> {
  const who = source.name;
  const files = await openZip(source);
  const directory = [...files.values()].find(({ name }) => name.endsWith("/data.pkl"));
  const order = [...files.values()].find(({ name }) => name.endsWith("/byteorder"));
  const isLittle = order === undefined || new TextDecoder().decode(await order.read(16)) === "little";
  if (directory === undefined || !isLittle) {
    throw new GanymedeError(
      "invalid-data",
      `${who}: the archive must contain a little-endian data.pkl of torch.save; save a state dict`,
    );
  }
  const storages = new Map<string, TorchStorage>();
  const { value } = readPickle(await directory.read(largestDirectory), 0, torchHost(who, storages), who);
  const places = tensorPlaces(value, who);
  const root = directory.name.slice(0, -"data.pkl".length);
  for (const storage of storages.values()) {
    const file = files.get(`${root}data/${storage.key}`);
    if (file?.size === sizeOf(storage) && file.stored) continue;
    throw new GanymedeError(
      "invalid-data",
      `${who}: storage "${shorten(storage.key)}" must have ${sizeOf(storage)} uncompressed bytes, got ${file?.size ?? "none"}; use another copy of the file`,
    );
  }
  return {
    places,
    async readStorage({ key }, offset, length) {
      const file = files.get(`${root}data/${key}`) as ZipFile;
      return length === file.size ? file.read(length) : file.readPart(offset, length);
    },
  };
}

/** Reads the directory of a `torch.save` file, in either format, without executing anything and without reading values. */
export async function torchDirectory(source: ByteSource): Promise<TorchDirectory> {
  const start = await source.read(0, Math.min(4, source.size));
  return looksLikeZip(start) ? zipDirectory(source) : legacyDirectory(source);
}
