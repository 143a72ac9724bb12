import { GanymedeError } from "../errors/ganymede-error.js";

/** The element types of safetensors that can be read. */
export type ElementType =
  | "F64"
  | "F32"
  | "F16"
  | "BF16"
  | "I64"
  | "U64"
  | "I32"
  | "U32"
  | "I16"
  | "U16"
  | "I8"
  | "U8"
  | "BOOL";

/** Array of a tensor's values: half floats become float32, and integers other than bytes become int32, both exactly. */
export type ElementArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** Value of a half float (IEEE 754 binary16): 1 sign bit, 5 exponent bits, 10 fraction bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Converts integers to int32; throws if one does not fit. */
function toInt32(values: BigInt64Array | BigUint64Array | Uint32Array, who: string): Int32Array {
  const out = new Int32Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const value = Number(values[i]);
    if ((value | 0) !== value) {
      throw new GanymedeError(
        "invalid-checkpoint",
        `${who}: integers must fit in 32 bits with a sign, got ${values[i]}; store them as I32 or F64`,
      );
    }
    out[i] = value;
  }
  return out;
}

interface ElementRule {
  readonly bytes: number;
  /** The values of a whole buffer, in little-endian order. */
  decode(buffer: ArrayBuffer, who: string): ElementArray;
}

/** Bytes per element and decoder of each element type. */
export const elementTypes = {
  F64: { bytes: 8, decode: (buffer) => new Float64Array(buffer) },
  F32: { bytes: 4, decode: (buffer) => new Float32Array(buffer) },
  F16: { bytes: 2, decode: (buffer) => Float32Array.from(new Uint16Array(buffer), halfToNumber) },
  // The upper half of a float32.
  BF16: {
    bytes: 2,
    decode: (buffer) => new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer),
  },
  I64: { bytes: 8, decode: (buffer, who) => toInt32(new BigInt64Array(buffer), who) },
  U64: { bytes: 8, decode: (buffer, who) => toInt32(new BigUint64Array(buffer), who) },
  I32: { bytes: 4, decode: (buffer) => new Int32Array(buffer) },
  U32: { bytes: 4, decode: (buffer, who) => toInt32(new Uint32Array(buffer), who) },
  I16: { bytes: 2, decode: (buffer) => Int32Array.from(new Int16Array(buffer)) },
  U16: { bytes: 2, decode: (buffer) => Int32Array.from(new Uint16Array(buffer)) },
  I8: { bytes: 1, decode: (buffer) => Int32Array.from(new Int8Array(buffer)) },
  U8: { bytes: 1, decode: (buffer) => new Uint8Array(buffer) },
  BOOL: { bytes: 1, decode: (buffer) => new Uint8Array(buffer) },
} as const satisfies Record<ElementType, ElementRule> as Readonly<Record<ElementType, ElementRule>>;
