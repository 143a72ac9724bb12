import { GanymedeError } from "../../errors/ganymede-error.js";
import { elementTypes } from "../element-type.js";
import { looksLikeZip, readZip } from "../zip/read-zip.js";
import { type PickleValue, readPickle } from "./pickle.js";
import { type TensorPlace, type TorchStorage, tensorPlaces, torchHost } from "./torch-objects.js";

/** The tensors that a file names, and where their storages lie. */
export interface TorchDirectory {
  readonly places: ReadonlyMap<string, TensorPlace>;
  /** Bytes of a storage; throws `invalid-data` when the file ends before them. */
  storage(key: string): Uint8Array;
}

/** First pickle of PyTorch's legacy format, as its little-endian integer reads in float64. */
const legacyMagic = Number(0x1950a86a20f9469cfc6cn);
const legacyVersion = 1001;
/** Every pickle of PyTorch begins with this instruction. */
const protocolCode = 0x80;

const sizeOf = ({ size, dtype }: TorchStorage): number => size * elementTypes[dtype].bytes;

/**
 * Legacy files are five pickles (magic, version, machine, object, storage keys) and then, in the order of the keys, a 64-bit
 * count and the raw values of each storage.
 */
function legacyDirectory(bytes: Uint8Array, who: string): TorchDirectory {
  const foreign = (): GanymedeError =>
    new GanymedeError(
      "invalid-data",
      `${who}: the file must be one that torch.save wrote, got other bytes; give a state dict`,
    );
  if (bytes[0] !== protocolCode) throw foreign();
  const storages = new Map<string, TorchStorage>();
  const host = torchHost(who, storages);
  let offset = 0;
  const next = (): PickleValue => {
    const { value, end } = readPickle(bytes, offset, host, who);
    offset = end;
    return value;
  };
  const [magic, version] = [next(), next()];
  if (magic !== legacyMagic || version !== legacyVersion) {
    throw foreign();
  }
  next();
  const places = tensorPlaces(next());
  const keys = next();
  const found = new Map<string, { begin: number; size: number }>();
  for (const key of Array.isArray(keys) ? keys : []) {
    const storage = typeof key === "string" ? storages.get(key) : undefined;
    if (storage === undefined) {
      throw new GanymedeError(
        "invalid-data",
        `${who}: storage "${String(key)}" is named by nothing; use another copy of the file`,
      );
    }
    found.set(storage.key, { begin: offset + 8, size: sizeOf(storage) });
    offset += 8 + sizeOf(storage);
  }
  const expected = offset;
  return {
    places,
    storage(key) {
      const place = found.get(key);
      if (place === undefined || place.begin + place.size > bytes.length) {
        throw new GanymedeError(
          "invalid-data",
          `${who}: the file is truncated, it must have ${expected} bytes, got ${bytes.length}; use a complete copy`,
        );
      }
      return bytes.subarray(place.begin, place.begin + place.size);
    },
  };
}

/** Newer files are a zip archive with `data.pkl` and one stored file per storage. */
function zipDirectory(bytes: Uint8Array, who: string): TorchDirectory {
  const files = readZip(bytes, who);
  const directory = [...files.keys()].find((name) => name.endsWith("/data.pkl"));
  const order = [...files].find(([name]) => name.endsWith("/byteorder"))?.[1];
  if (directory === undefined || (order !== undefined && new TextDecoder().decode(order) !== "little")) {
    throw new GanymedeError(
      "invalid-data",
      `${who}: the archive must hold little-endian data.pkl of torch.save; give a state dict`,
    );
  }
  const storages = new Map<string, TorchStorage>();
  const { value } = readPickle(files.get(directory)!, 0, torchHost(who, storages), who);
  const places = tensorPlaces(value);
  const root = directory.slice(0, -"data.pkl".length);
  return {
    places,
    storage(key) {
      const data = files.get(`${root}data/${key}`);
      const storage = storages.get(key);
      if (data === undefined || storage === undefined || data.length !== sizeOf(storage)) {
        throw new GanymedeError(
          "invalid-data",
          `${who}: storage "${key}" must have ${storage === undefined ? "known" : sizeOf(storage)} bytes, got ${data?.length ?? "none"}; use another copy of the file`,
        );
      }
      return data;
    },
  };
}

/** Reads what a file of `torch.save` names, in either format, without running anything and without its values. */
export function torchDirectory(bytes: Uint8Array, who: string): TorchDirectory {
  return looksLikeZip(bytes) ? zipDirectory(bytes, who) : legacyDirectory(bytes, who);
}
