import { GanymedeError } from "../errors/ganymede-error.js";

/** The element types of safetensors that are read; those with `encode: true` in the table are written too. */
export type ElementType = "F64" | "F32" | "F16" | "BF16" | "I64" | "I32" | "U8" | "BOOL";

/** Half floats become float32 and 64-bit integers become int32, since tensors hold nothing else. */
export type ElementArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** Values of a half float (IEEE 754 binary16): 1 sign bit, 5 exponent bits, 10 fraction bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function int64ToInt32(buffer: ArrayBuffer, who: string): Int32Array {
  return Int32Array.from(new BigInt64Array(buffer), (value) => {
    if (BigInt.asIntN(32, value) !== value) {
      throw new GanymedeError(
        "invalid-checkpoint",
        `${who}: 64-bit integers must fit in 32 bits, got ${value}; store them as I32 or F64`,
      );
    }
    return Number(value);
  });
}

interface ElementRule {
  readonly bytes: number;
  /** The array of a buffer of its own, in the machine's (little-endian) order. */
  decode(buffer: ArrayBuffer, who: string): ElementArray;
}

export const elementTypes = {
  F64: { bytes: 8, decode: (buffer) => new Float64Array(buffer) },
  F32: { bytes: 4, decode: (buffer) => new Float32Array(buffer) },
  F16: { bytes: 2, decode: (buffer) => Float32Array.from(new Uint16Array(buffer), halfToNumber) },
  // The upper half of a float32.
  BF16: {
    bytes: 2,
    decode: (buffer) => new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer),
  },
  I64: { bytes: 8, decode: int64ToInt32 },
  I32: { bytes: 4, decode: (buffer) => new Int32Array(buffer) },
  U8: { bytes: 1, decode: (buffer) => new Uint8Array(buffer) },
  BOOL: { bytes: 1, decode: (buffer) => new Uint8Array(buffer) },
} as const satisfies Record<ElementType, ElementRule> as Readonly<Record<ElementType, ElementRule>>;
