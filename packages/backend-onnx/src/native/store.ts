import type { TensorStore } from "../runtime/engine.js";
import { BufferPool } from "../runtime/pool.js";
import type { NativeHostBuffer } from "./host-buffers.js";
import { hostBuffers } from "./host-buffers.js";
import type { OrtLibrary } from "./library.js";

/** Tensors in host memory, which CPU engines use directly; `ended` is called with each whose memory is returned to the system. */
export function hostStore(library: OrtLibrary, ended?: (buffer: NativeHostBuffer) => void): TensorStore {
  const pool = new BufferPool(hostBuffers(library, ended));
  const readNow: TensorStore["readNow"] = (buffer) => (buffer as NativeHostBuffer).data.slice();
  return {
    pool,
    staging: pool,
    write(type, shape, values) {
      const buffer = pool.allocate(type, shape);
      (buffer.data as Float32Array).set(values as Float32Array);
      return buffer;
    },
    readNow,
    read: async (buffer) => readNow(buffer)!,
    release: () => pool.trim(),
  };
}
