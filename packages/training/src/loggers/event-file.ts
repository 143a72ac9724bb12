import { maskedCrc32c } from "./crc32c.js";

/** Fields of a protocol buffer, in order; bytes hold a message, a string or packed numbers. */
type Field =
  | { readonly at: number; readonly bytes: Uint8Array }
  | { readonly at: number; readonly whole: number }
  | { readonly at: number; readonly double: number }
  | { readonly at: number; readonly float: number };

/** Varint encoding of an integer from 0 to 2^53. */
function varint(value: number): readonly number[] {
  const out: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128);
  return [...out, rest];
}

function join(parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function fixed(size: 4 | 8, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(size);
  write(new DataView(bytes.buffer));
  return bytes;
}

/** Wire format of a message. */
function message(fields: readonly Field[]): Uint8Array {
  return join(
    fields.flatMap((field) => {
      const tag = (type: number) => varint(field.at * 8 + type);
      if ("whole" in field) return [tag(0), varint(field.whole)];
      if ("double" in field) return [tag(1), fixed(8, (view) => view.setFloat64(0, field.double, true))];
      if ("float" in field) return [tag(5), fixed(4, (view) => view.setFloat32(0, field.float, true))];
      return [tag(2), varint(field.bytes.length), field.bytes];
    }),
  );
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const packed = (values: readonly number[]): Uint8Array =>
  join(values.map((value) => fixed(8, (view) => view.setFloat64(0, value, true))));

/** A TFRecord: length, data, and the masked checksum of each. */
function recordOf(data: Uint8Array): Uint8Array {
  const length = fixed(8, (view) => view.setBigUint64(0, BigInt(data.length), true));
  const sum = (bytes: Uint8Array) => fixed(4, (view) => view.setUint32(0, maskedCrc32c(bytes), true));
  return join([length, sum(length), data, sum(data)]);
}

/** A summary value with its tag. */
export type SummaryValue =
  | { readonly tag: string; readonly scalar: number }
  | {
      readonly tag: string;
      readonly image: {
        readonly width: number;
        readonly height: number;
        readonly channels: number;
        readonly png: Uint8Array;
      };
    }
  | { readonly tag: string; readonly histogram: Histogram };

/** Counts of values in buckets of increasing limits. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  /** Upper limit of each bucket. */
  readonly limits: readonly number[];
  readonly counts: readonly number[];
}

function valueMessage(value: SummaryValue): Uint8Array {
  const tag: Field = { at: 1, bytes: text(value.tag) };
  if ("scalar" in value) return message([tag, { at: 2, float: value.scalar }]);
  if ("image" in value) {
    const { width, height, channels, png } = value.image;
    const fields: readonly Field[] = [
      { at: 1, whole: height },
      { at: 2, whole: width },
      { at: 3, whole: channels },
      { at: 4, bytes: png },
    ];
    return message([tag, { at: 4, bytes: message(fields) }]);
  }
  const { min, max, count, sum, sumOfSquares, limits, counts } = value.histogram;
  const numbers = [min, max, count, sum, sumOfSquares].map((double, i): Field => ({ at: i + 1, double }));
  const buckets: readonly Field[] = [
    { at: 6, bytes: packed(limits) },
    { at: 7, bytes: packed(counts) },
  ];
  return message([tag, { at: 5, bytes: message([...numbers, ...buckets]) }]);
}

/**
 * An event as a TFRecord.
 *
 * Source: event.proto and summary.proto of TensorFlow; record_writer.cc for the framing.
 * @param seconds since 1970-01-01 UTC.
 */
export function summaryEvent(seconds: number, step: number, values: readonly SummaryValue[]): Uint8Array {
  const summary = message(values.map((value) => ({ at: 1, bytes: valueMessage(value) })));
  return recordOf(
    message([
      { at: 1, double: seconds },
      { at: 2, whole: step },
      { at: 5, bytes: summary },
    ]),
  );
}

/** The first record of every event file. */
export function versionEvent(seconds: number): Uint8Array {
  return recordOf(
    message([
      { at: 1, double: seconds },
      { at: 3, bytes: text("brain.Event:2") },
    ]),
  );
}

/** Marks the start of a session: readers discard what earlier files hold from this step on. */
export function startEvent(seconds: number, step: number): Uint8Array {
  const session = message([{ at: 1, whole: 1 }]);
  return recordOf(
    message([
      { at: 1, double: seconds },
      { at: 2, whole: step },
      { at: 7, bytes: session },
    ]),
  );
}
