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

/** What stands behind one tensor: values from the host, memory of the engine, or a graph node that is yet to be computed. */
export interface Entry {
  /** Of text, which never enters a graph, and of complex tensors, which are pairs, it says nothing. */
  readonly type: ElementType;
  readonly shape: readonly number[];
  references: number;
  /** Runs under way that read the memory; it is given back only after the last. */
  pins: number;
  host?: HostArray | undefined;
  buffer?: Buffer | undefined;
  node?: { readonly builder: GraphBuilder; readonly value: Value } | undefined;
  /** While an engine that must be waited for computes it: settles when it is done, well or not. */
  computing?: Promise<void> | undefined;
  /** What went wrong when it was to be computed. */
  failure?: unknown;
  /** Strings in UTF-8. */
  readonly text?: readonly Uint8Array[];
  readonly parts?: ComplexParts;
}

/** The type under which a graph takes and gives a tensor. */
export function elementType(dtype: tf.DataType): "float32" | "int32" | "bool" {
  if (dtype === "float32" || dtype === "int32" || dtype === "bool") return dtype;
  throw new GanymedeError(
    "unsupported",
    `onnx backend: a graph must take and give float32, int32 or bool tensors, got ${dtype}; pass the real and imaginary parts of complex numbers, and keep text outside`,
  );
}

export function toHostArray(type: ElementType, values: ArrayLike<number>): HostArray {
  if (type === "float32") return values instanceof Float32Array ? values.slice() : Float32Array.from(values);
  if (type === "int32") return values instanceof Int32Array ? values.slice() : Int32Array.from(values);
  return Uint8Array.from(values, (value) => (value ? 1 : 0));
}
