import type { ElementType, HostArray } from "../graph/value.js";
import { sizeOf } from "../graph/value.js";
import { bytesPerElement, elementCode, viewOf } from "../model/element-types.js";
import type { OrtLibrary } from "./library.js";

/** Memory of one tensor and the engine's handle to it. The handle has a fixed type and shape. */
export interface Buffer {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: HostArray;
  readonly handle: bigint;
}

/** Freed memory that is kept even where less than this is in use. */
const keptBytes = 256 * 2 ** 20;

function bytesOf(type: ElementType, shape: readonly number[]): number {
  return sizeOf(shape) * bytesPerElement[type];
}

/**
 * Gives out tensor memory and takes it back. Freed buffers are kept and given out again: a training state is written into new
 * buffers each step, and fresh pages and handles for it would cost more than the update itself.
 */
export class BufferPool {
  private readonly free = new Map<string, Buffer[]>();
  private readonly memoryInfo: bigint;
  private freeBytes = 0;
  /** Bytes of the buffers that are out. */
  liveBytes = 0;

  constructor(private readonly library: OrtLibrary) {
    const arenaAllocator = 1;
    const defaultMemory = 0;
    this.memoryInfo = library.create("CreateCpuMemoryInfo", arenaAllocator, defaultMemory);
  }

  /** A buffer whose contents are whatever they were. */
  allocate(type: ElementType, shape: readonly number[]): Buffer {
    const bytes = bytesOf(type, shape);
    this.liveBytes += bytes;
    const known = this.free.get(`${type}${shape.join()}`)?.pop();
    if (known === undefined) return this.create(type, shape, bytes);
    this.freeBytes -= bytes;
    return known;
  }

  private create(type: ElementType, shape: readonly number[], bytes: number): Buffer {
    // The engine wants an address even for a tensor without elements.
    const memory = new ArrayBuffer(Math.max(bytes, 8));
    const dims = BigInt64Array.from(shape, (size) => BigInt(size));
    const [code, view] = [elementCode[type], new Uint8Array(memory)];
    const args = [this.memoryInfo, view, bytes, dims, dims.length, code] as const;
    const handle = this.library.create("CreateTensorWithDataAsOrtValue", ...args);
    return { type, shape, data: viewOf(type, memory, 0, sizeOf(shape)), handle };
  }

  release(buffer: Buffer): void {
    const bytes = bytesOf(buffer.type, buffer.shape);
    this.liveBytes -= bytes;
    if (this.freeBytes + bytes > Math.max(this.liveBytes, keptBytes)) {
      this.library.release("ReleaseValue", buffer.handle);
      return;
    }
    this.freeBytes += bytes;
    const key = `${buffer.type}${buffer.shape.join()}`;
    const list = this.free.get(key);
    if (list === undefined) this.free.set(key, [buffer]);
    else list.push(buffer);
  }

  /** Gives memory that no tensor uses back to the system. */
  trim(): void {
    for (const buffer of [...this.free.values()].flat()) this.library.release("ReleaseValue", buffer.handle);
    this.free.clear();
    this.freeBytes = 0;
  }
}
