import type { Buffers, TensorStore } from "../runtime/engine.js";
import { BufferPool, bytesOf } from "../runtime/pool.js";
import type { Ort } from "./ort.js";
import type { WebBuffer } from "./web-buffer.js";
import { hostBuffers, tensorOf } from "./web-buffer.js";

/** Placeholders of results: a run of the WebAssembly program returns each in its own array. */
class ResultPlaces implements Buffers<WebBuffer> {
  liveBytes = 0;

  allocate(type: WebBuffer["type"], shape: readonly number[]): WebBuffer {
    this.liveBytes += bytesOf(type, shape);
    return { type, shape, tensor: undefined };
  }

  supplier(type: WebBuffer["type"], shape: readonly number[]): () => WebBuffer {
    return () => this.allocate(type, shape);
  }

  release(buffer: WebBuffer): void {
    this.liveBytes -= bytesOf(buffer.type, buffer.shape);
    buffer.tensor = undefined;
  }

  get heldBytes(): number {
    return this.liveBytes;
  }
}

/** Tensors in JavaScript's memory. A run copies its inputs into the program's memory and its outputs back. */
export function webHostStore(ort: Ort): TensorStore {
  const pool = new ResultPlaces();
  const staging = new BufferPool(hostBuffers(ort));
  const readNow: TensorStore["readNow"] = (buffer) => (tensorOf(ort, buffer).data as Float32Array).slice();
  return {
    pool,
    staging,
    write(type, shape, values) {
      const buffer = pool.allocate(type, shape);
      // The values are not shared.
      buffer.tensor = new ort.Tensor(type as "float32", values as Float32Array, shape);
      return buffer;
    },
    readNow,
    read: async (buffer) => readNow(buffer)!,
    release: () => staging.trim(),
  };
}
