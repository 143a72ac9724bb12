import { GanymedeError } from "../errors/ganymede-error.js";
import { shorten } from "../errors/shorten.js";
import { type ElementType, elementTypes } from "./element-type.js";

/** An array of a safetensors file; `begin` and `end` are byte offsets from the start of the file. */
export interface ArrayPlace {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** The parsed header of a safetensors file. */
export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  readonly places: readonly ArrayPlace[];
}

type Fail = (rule: string) => GanymedeError;

/** Size of the header length, in bytes. */
export const lengthBytes = 8;

/** Longest header that is read, in bytes: 100,000 arrays take about half of it, and parsing takes many times as much memory. */
const longestHeader = 2 ** 25;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const areSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);

function failOf(who: string): Fail {
  return (rule) =>
    new GanymedeError(
      "invalid-checkpoint",
      `${who}: ${rule}; the file is damaged or not safetensors, use another copy of it`,
    );
}

/**
 * Length of the header, from the first 8 bytes.
 *
 * @param start the first 8 bytes, or all of a shorter file.
 * @param total size of the file in bytes.
 */
export function headerLength(start: Uint8Array, total: number, who: string): number {
  const fail = failOf(who);
  if (start.length < lengthBytes) throw fail(`a file must have at least 8 bytes, got ${total}`);
  const length = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true);
  if (length > BigInt(total - lengthBytes)) {
    throw fail(`the header must fit in the file, got ${length} bytes of header in a file of ${total}`);
  }
  if (length > BigInt(longestHeader)) {
    throw fail(`the header must have at most ${longestHeader} bytes, got ${length}`);
  }
  return Number(length);
}

function readMetadata(value: unknown, fail: Fail): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value) || !Object.values(value).every((text) => typeof text === "string")) {
    throw fail("__metadata__ must be an object of strings");
  }
  return value as Record<string, string>;
}

function expectType(name: string, dtype: unknown, fail: Fail, who: string): ElementType {
  if (typeof dtype !== "string") throw fail(`the type of "${shorten(name)}" must be a string`);
  if (Object.hasOwn(elementTypes, dtype)) return dtype as ElementType;
  const known = Object.keys(elementTypes).join(", ");
  throw new GanymedeError(
    "invalid-checkpoint",
    `${who}: the type of "${shorten(name)}" must be one of ${known}, got ${shorten(dtype)}; convert it to F32 or BF16 where the file was made`,
  );
}

function readPlace(name: string, value: unknown, start: number, fail: Fail, who: string): ArrayPlace {
  const { dtype: type, shape, data_offsets: offsets } = isRecord(value) ? value : {};
  const dtype = expectType(name, type, fail, who);
  if (!areSizes(shape) || !areSizes(offsets) || offsets.length !== 2) {
    throw fail(`"${shorten(name)}" must have a shape and two offsets of integers`);
  }
  const [begin, end] = offsets as [number, number];
  const count = shape.includes(0) ? 0 : shape.reduce((product, length) => product * length, 1);
  const size = elementTypes[dtype].bytes * count;
  if (end - begin !== size) throw fail(`"${shorten(name)}" must take ${size} bytes, got ${end - begin}`);
  return { name, dtype, shape, begin: start + begin, end: start + end };
}

/** Checks that arrays are contiguous, do not overlap and end with the file, as the format requires. */
function checkLayout(places: readonly ArrayPlace[], start: number, total: number, fail: Fail): void {
  let expected = start;
  for (const { name, begin, end } of [...places].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== expected) {
      throw fail(`"${shorten(name)}" must begin at byte ${expected - start} of the data, got ${begin - start}`);
    }
    expected = end;
  }
  if (expected !== total) throw fail(`the data must have ${expected - start} bytes, got ${total - start}`);
}

/**
 * Parses a header and checks it against the size of the file.
 *
 * @param bytes the header without its length.
 * @param total size of the file in bytes.
 * @throws GanymedeError `invalid-checkpoint`.
 */
export function parseHeader(bytes: Uint8Array, total: number, who: string): SafetensorsHeader {
  const fail = failOf(who);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw fail("the header is not valid JSON");
  }
  if (!isRecord(header)) throw fail("the header must be a JSON object");
  const { __metadata__: metadata, ...described } = header;
  const start = lengthBytes + bytes.length;
  const places = Object.entries(described).map(([name, value]) => readPlace(name, value, start, fail, who));
  checkLayout(places, start, total, fail);
  return { metadata: readMetadata(metadata, fail), places };
}
