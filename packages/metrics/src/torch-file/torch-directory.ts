import { elementTypes, GanymedeError } from "@ganymede/core";
import { looksLikeZip, readZip } from "../zip/read-zip.js";
import { type PickleValue, readPickle } from "./pickle.js";
import { type TensorPlace, tensorPlaces, torchHost } from "./torch-objects.js";

/** The tensors that a file names, and where their storages lie. */
export interface TorchDirectory {
  readonly places: ReadonlyMap<string, TensorPlace>;
  /** Bytes of a storage; throws `invalid-data` when the file ends before them. */
  storage(key: string): Uint8Array;
}

/** First pickle of PyTorch's legacy format, as its little-endian integer reads in float64. */
const legacyMagic = Number(0x1950a86a20f9469cfc6cn);
const legacyVersion = 1001;

function storageSizes(places: ReadonlyMap<string, TensorPlace>): Map<string, number> {
  return new Map(
    [...places.values()].map(({ storage }) => [storage.key, storage.size * elementTypes[storage.dtype].bytes]),
  );
}

/**
 * Legacy files are five pickles (magic, version, machine, object, storage keys) and then, in the order of the keys, a 64-bit
 * count and the raw values of each storage.
 */
function legacyDirectory(bytes: Uint8Array, who: string): TorchDirectory {
  const host = torchHost(who);
  let offset = 0;
  const next = (): PickleValue => {
    const { value, end } = readPickle(bytes, offset, host, who);
    offset = end;
    return value;
  };
  const [magic, version] = [next(), next()];
  if (magic !== legacyMagic || version !== legacyVersion) {
    throw new GanymedeError(
      "invalid-data",
      `${who}: the file must be one that torch.save wrote, got other bytes; give a state dict`,
    );
  }
  next();
  const places = tensorPlaces(next());
  const keys = next();
  const sizes = storageSizes(places);
  const found = new Map<string, { begin: number; size: number }>();
  for (const key of Array.isArray(keys) ? keys : []) {
    const size = typeof key === "string" ? sizes.get(key) : undefined;
    if (size === undefined) {
      throw new GanymedeError(
        "invalid-data",
        `${who}: storage "${String(key)}" belongs to no tensor; use another copy of the file`,
      );
    }
    found.set(key as string, { begin: offset + 8, size });
    offset += 8 + size;
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
  const { value } = readPickle(files.get(directory)!, 0, torchHost(who), who);
  const places = tensorPlaces(value);
  const sizes = storageSizes(places);
  const root = directory.slice(0, -"data.pkl".length);
  return {
    places,
    storage(key) {
      const data = files.get(`${root}data/${key}`);
      if (data === undefined || data.length !== sizes.get(key)) {
        throw new GanymedeError(
          "invalid-data",
          `${who}: storage "${key}" must have ${sizes.get(key)} bytes, got ${data?.length ?? "none"}; use another copy of the file`,
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
