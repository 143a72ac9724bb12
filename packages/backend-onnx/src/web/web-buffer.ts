import type { Tensor } from "onnxruntime-web/wasm";
import { sizeOf } from "../graph/value.js";
import { viewOf } from "../model/element-types.js";
import type { Buffer, HostBuffer } from "../runtime/engine.js";
import type { BufferKind } from "../runtime/pool.js";
import { bytesOf } from "../runtime/pool.js";
import type { Ort } from "./ort.js";

/** A tensor of onnxruntime-web; undefined if no run has filled it yet and it has no preallocated memory. */
export interface WebBuffer extends Buffer {
  tensor: Tensor | undefined;
}

/** The tensor of a buffer to read; zeros if nothing was written. */
export function tensorOf(ort: Ort, buffer: Buffer): Tensor {
  const web = buffer as WebBuffer;
  web.tensor ??= hostBuffers(ort).make(buffer.type, buffer.shape).tensor;
  return web.tensor;
}

/** Tensors in JavaScript's own memory, which a run copies into the program's. */
export function hostBuffers(ort: Ort): BufferKind<HostBuffer & { readonly tensor: Tensor }> {
  return {
    make(type, shape) {
      const data = viewOf(type, new ArrayBuffer(bytesOf(type, shape)), 0, sizeOf(shape));
      return { type, shape, data, tensor: new ort.Tensor(type as "float32", data as Float32Array, shape) };
    },
    end: () => undefined,
  };
}
