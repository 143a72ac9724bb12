import type { ElementType, HostArray } from "../graph/value.js";
import type { Buffer, HostBuffer } from "./buffer.js";
import { BufferPool, hostBuffers } from "./buffer.js";
import type { OrtLibrary } from "./library.js";

/** Where the tensors of a backend lie. */
export interface TensorStore {
  /** What runs write, and read again, without a copy. */
  readonly pool: BufferPool;
  /** Memory of the host, which runs may read too; on a device each copies it there. */
  readonly staging: BufferPool<HostBuffer>;
  /** A tensor of the pool with these values. */
  write(type: ElementType, shape: readonly number[], values: HostArray): Buffer;
  /** A copy of a tensor's values, when all that was asked to compute them is done. */
  read(buffer: Buffer): HostArray;
  /** Gives everything back. */
  release(): void;
}

/** Tensors in memory of the host, which engines of the CPU use as it is. */
export function hostStore(library: OrtLibrary): TensorStore {
  const pool = new BufferPool(library, hostBuffers(library));
  return {
    pool,
    staging: pool,
    write(type, shape, values) {
      const buffer = pool.allocate(type, shape);
      (buffer.data as Float32Array).set(values as Float32Array);
      return buffer;
    },
    read: (buffer: Buffer) => (buffer as HostBuffer).data.slice(),
    release: () => pool.trim(),
  };
}
