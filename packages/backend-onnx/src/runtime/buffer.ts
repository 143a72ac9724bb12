import type { ElementType, HostArray } from "../graph/value.js";
import { sizeOf } from "../graph/value.js";
import { bytesPerElement, elementCode, viewOf } from "../model/element-types.js";
import type { OrtLibrary } from "./library.js";

/** The engine's handle to one tensor, wherever its memory is. It has a fixed type and shape. */
export interface Buffer {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly handle: bigint;
}

/** A tensor in memory that JavaScript sees too. */
export interface HostBuffer extends Buffer {
  readonly data: HostArray;
}

/** Makes a tensor whose contents are whatever they were. */
export type MakeBuffer<Kind extends Buffer> = (type: ElementType, shape: readonly number[]) => Kind;

/** Freed memory that is kept even where less than this is in use. */
const keptBytes = 256 * 2 ** 20;

function bytesOf(type: ElementType, shape: readonly number[]): number {
  return sizeOf(shape) * bytesPerElement[type];
}

/** Sizes as the engine's C API takes them. */
export function dimensions(shape: readonly number[]): BigInt64Array {
  return BigInt64Array.from(shape, (size) => BigInt(size));
}

/** Makes tensors over memory of our own. */
export function hostBuffers(library: OrtLibrary): MakeBuffer<HostBuffer> {
  const arenaAllocator = 1;
  const defaultMemory = 0;
  const memoryInfo = library.create("CreateCpuMemoryInfo", arenaAllocator, defaultMemory);
  return (type, shape) => {
    const bytes = bytesOf(type, shape);
    // The engine wants an address even for a tensor without elements.
    const memory = new ArrayBuffer(Math.max(bytes, 8));
    const dims = dimensions(shape);
    const [code, view] = [elementCode[type], new Uint8Array(memory)];
    const args = [memoryInfo, view, bytes, dims, dims.length, code] as const;
    const handle = library.create("CreateTensorWithDataAsOrtValue", ...args);
    return { type, shape, data: viewOf(type, memory, 0, sizeOf(shape)), handle };
  };
}

/**
 * Gives out tensor memory and takes it back. Freed buffers are kept and given out again: a training state is written into new
 * buffers each step, and fresh pages and handles for it would cost more than the update itself.
 */
export class BufferPool<Kind extends Buffer = Buffer> {
  private readonly free = new Map<string, Kind[]>();
  private freeBytes = 0;
  /** Bytes of the buffers that are out. */
  liveBytes = 0;

  constructor(
    private readonly library: OrtLibrary,
    private readonly make: MakeBuffer<Kind>,
  ) {}

  /** A buffer whose contents are whatever they were. */
  allocate(type: ElementType, shape: readonly number[]): Kind {
    const bytes = bytesOf(type, shape);
    this.liveBytes += bytes;
    const known = this.free.get(`${type}${shape.join()}`)?.pop();
    if (known === undefined) return this.make(type, shape);
    this.freeBytes -= bytes;
    return known;
  }

  release(buffer: Kind): void {
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

  /** Bytes that are held, in use or kept for use. */
  get heldBytes(): number {
    return this.liveBytes + this.freeBytes;
  }

  /** Gives memory that no tensor uses back to the system. */
  trim(): void {
    for (const buffer of [...this.free.values()].flat()) this.library.release("ReleaseValue", buffer.handle);
    this.free.clear();
    this.freeBytes = 0;
  }
}
