import { GanymedeError } from "../errors/ganymede-error.js";
import { type ElementArray, type ElementType, elementTypes } from "./element-type.js";

export interface CheckpointTensor {
  /** As the file says; half floats and 64-bit integers arrive converted. */
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly data: ElementArray;
}

export interface Checkpoint {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
}

type Fail = (rule: string) => GanymedeError;

interface Place {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const areSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);

function readHeader(bytes: Uint8Array, fail: Fail): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.length < 8) throw fail(`a file must have at least 8 bytes, got ${bytes.length}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(bytes.length - 8)) {
    throw fail(`the header must fit in the file, got ${length} bytes of header in a file of ${bytes.length}`);
  }
  const end = 8 + Number(length);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, end)));
  } catch {
    throw fail("the header must be JSON, got other bytes");
  }
  if (!isRecord(header)) throw fail("the header must be a JSON object");
  return { header, data: bytes.subarray(end) };
}

function readMetadata(value: unknown, fail: Fail): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value) || !Object.values(value).every((text) => typeof text === "string")) {
    throw fail("__metadata__ must be an object of strings");
  }
  return value as Record<string, string>;
}

function readPlace(name: string, value: unknown, fail: Fail): Place {
  const { dtype, shape, data_offsets: offsets } = isRecord(value) ? value : {};
  if (typeof dtype !== "string" || !Object.hasOwn(elementTypes, dtype)) {
    throw fail(`the type of "${name}" must be one of ${Object.keys(elementTypes).join(", ")}, got ${String(dtype)}`);
  }
  if (!areSizes(shape) || !areSizes(offsets) || offsets.length !== 2) {
    throw fail(`"${name}" must have a shape and two offsets, in whole numbers`);
  }
  const [begin, end] = offsets as [number, number];
  const size = elementTypes[dtype as ElementType].bytes * shape.reduce((product, length) => product * length, 1);
  if (end - begin !== size) throw fail(`"${name}" must take ${size} bytes, got ${end - begin}`);
  return { name, dtype: dtype as ElementType, shape, begin, end };
}

/** The arrays must follow one another without gap or overlap and end with the file, as the format asks. */
function checkLayout(places: readonly Place[], total: number, fail: Fail): void {
  let expected = 0;
  for (const { name, begin, end } of [...places].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== expected) throw fail(`"${name}" must begin at byte ${expected} of the data, got ${begin}`);
    expected = end;
  }
  if (expected !== total) throw fail(`the data must have ${expected} bytes, got ${total}`);
}

/**
 * Reads a safetensors file; every array is a copy of its own.
 *
 * @param who names the file in errors.
 * @throws GanymedeError `invalid-checkpoint` when the file is truncated, damaged or holds a type that is not known.
 */
export function decodeSafetensors(bytes: Uint8Array, who = "decodeSafetensors"): Checkpoint {
  const fail: Fail = (rule) =>
    new GanymedeError(
      "invalid-checkpoint",
      `${who}: ${rule}; the file is damaged or not safetensors, use another copy of it`,
    );
  const { header, data } = readHeader(bytes, fail);
  const { __metadata__: metadata, ...described } = header;
  const places = Object.entries(described).map(([name, value]) => readPlace(name, value, fail));
  checkLayout(places, data.length, fail);
  const tensors = new Map<string, CheckpointTensor>();
  for (const { name, dtype, shape, begin, end } of places) {
    const own = new Uint8Array(data.subarray(begin, end)).buffer;
    tensors.set(name, { dtype, shape, data: elementTypes[dtype].decode(own, `${who}: "${name}"`) });
  }
  return { metadata: readMetadata(metadata, fail), tensors };
}
