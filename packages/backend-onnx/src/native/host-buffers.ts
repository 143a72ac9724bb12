import { sizeOf } from "../graph/value.js";
import { elementCode, viewOf } from "../model/element-types.js";
import type { Buffer, HostBuffer } from "../runtime/engine.js";
import type { BufferKind } from "../runtime/pool.js";
import { bytesOf } from "../runtime/pool.js";
import type { OrtLibrary } from "./library.js";

/** A tensor that the C API knows by a handle. */
export interface NativeBuffer extends Buffer {
  readonly handle: bigint;
}

/** The same in our own memory. */
export interface NativeHostBuffer extends NativeBuffer, HostBuffer {}

/** Sizes in the format of the C API. */
export function dimensions(shape: readonly number[]): BigInt64Array {
  return BigInt64Array.from(shape, (size) => BigInt(size));
}

/**
 * Tensors in our own memory.
 *
 * @param ended called with each buffer whose memory is returned to the system.
 */
export function hostBuffers(
  library: OrtLibrary,
  ended?: (buffer: NativeHostBuffer) => void,
): BufferKind<NativeHostBuffer> {
  const arenaAllocator = 1;
  const defaultMemory = 0;
  const memoryInfo = library.create("CreateCpuMemoryInfo", arenaAllocator, defaultMemory);
  return {
    make(type, shape) {
      const bytes = bytesOf(type, shape);
      // The engine needs an address even for a tensor without elements.
      const memory = new ArrayBuffer(Math.max(bytes, 8));
      const dims = dimensions(shape);
      const [code, view] = [elementCode[type], new Uint8Array(memory)];
      const args = [memoryInfo, view, bytes, dims, dims.length, code] as const;
      const handle = library.create("CreateTensorWithDataAsOrtValue", ...args);
      return { type, shape, data: viewOf(type, memory, 0, sizeOf(shape)), handle };
    },
    end(buffer) {
      ended?.(buffer);
      library.release("ReleaseValue", buffer.handle);
    },
  };
}
