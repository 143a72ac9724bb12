import { GanymedeError } from "@ganymede/core";
import type * as tf from "@tensorflow/tfjs-core";
import type { GraphBuilder } from "./graph/builder.js";
import type { ElementType, HostArray, Value } from "./graph/value.js";
import type { Buffer } from "./runtime/engine.js";

/** A complex tensor is two real ones. */
export interface ComplexParts {
  readonly real: tf.TensorInfo;
  readonly imag: tf.TensorInfo;
}

/** Storage of one tensor: host values, memory of the engine, or a graph node that is still to be computed. */
export interface Entry {
  /** Undefined for strings, which never enter a graph, and for complex tensors, which are pairs. */
  readonly type: ElementType;
  readonly shape: readonly number[];
  references: number;
  /** Number of running graphs that read the memory; it is released after the last. */
  pins: number;
  host?: HostArray | undefined;
  buffer?: Buffer | undefined;
  node?: { readonly builder: GraphBuilder; readonly value: Value } | undefined;
  /** Present while an asynchronous engine computes it: settles when that ends, with or without an error. */
  computing?: Promise<void> | undefined;
  /** The error of its computation. */
  failure?: unknown;
  /** Strings in UTF-8. */
  readonly text?: readonly Uint8Array[];
  readonly parts?: ComplexParts;
}

/** Graph type of a tensor. */
export function elementType(dtype: tf.DataType): "float32" | "int32" | "bool" {
  if (dtype === "float32" || dtype === "int32" || dtype === "bool") return dtype;
  throw new GanymedeError(
    "unsupported",
    `onnx backend: inputs and outputs of a graph must be float32, int32 or bool tensors, got ${dtype}; pass the real and imaginary parts of complex numbers, and keep text outside`,
  );
}

export function toHostArray(type: ElementType, values: ArrayLike<number>): HostArray {
  if (type === "float32") return values instanceof Float32Array ? values.slice() : Float32Array.from(values);
  if (type === "int32") return values instanceof Int32Array ? values.slice() : Int32Array.from(values);
  return Uint8Array.from(values, (value) => (value ? 1 : 0));
}
