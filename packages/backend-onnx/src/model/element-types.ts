import type { ElementType, HostArray } from "../graph/value.js";
import { toBfloat16 } from "./bfloat16.js";
import { toHalf } from "./half.js";

/** Codes of `TensorProto.DataType`, also used by ONNX Runtime. */
export const elementCode = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
} as const satisfies Record<ElementType, number>;

const constructors = {
  float32: Float32Array,
  uint8: Uint8Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  float64: Float64Array,
} as const;

export const bytesPerElement: Record<ElementType, number> = {
  float32: 4,
  uint8: 1,
  int32: 4,
  int64: 8,
  bool: 1,
  float16: 2,
  bfloat16: 2,
  float64: 8,
};

/** A typed array over bytes, from an offset. */
export function viewOf(type: ElementType, buffer: ArrayBufferLike, offset: number, length: number): HostArray {
  return new constructors[type](buffer as ArrayBuffer, offset, length);
}

/** A typed array of the element type with these values. */
export function arrayOf(type: ElementType, values: ArrayLike<number>): HostArray {
  if (type === "int64") return BigInt64Array.from(Array.from(values, (value) => BigInt(value)));
  if (type === "float16") return Uint16Array.from(values, toHalf);
  if (type === "bfloat16") return Uint16Array.from(values, toBfloat16);
  return constructors[type].from(values);
}
