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

/** Memory is asked for in these steps, so that buffers of nearly equal size can serve each other. */
const alignment = 64;

/**
 * Gives out tensor memory and takes it back. Freed memory is kept and given out again: a training state is written into new
 * buffers each step, and fresh pages for it would cost more than the update itself.
 */
export class BufferPool {
  private readonly free = new Map<number, ArrayBuffer[]>();
  private readonly memoryInfo: bigint;
  /** Bytes of live tensors. */
  liveBytes = 0;
  liveCount = 0;

  constructor(private readonly library: OrtLibrary) {
    const arenaAllocator = 1;
    const defaultMemory = 0;
    this.memoryInfo = library.create("CreateCpuMemoryInfo", arenaAllocator, defaultMemory);
  }

  allocate(type: ElementType, shape: readonly number[]): Buffer {
    const length = sizeOf(shape);
    const bytes = Math.max(1, Math.ceil((length * bytesPerElement[type]) / alignment)) * alignment;
    const memory = this.free.get(bytes)?.pop() ?? new ArrayBuffer(bytes);
    const data = viewOf(type, memory, 0, length);
    const dims = BigInt64Array.from(shape, (size) => BigInt(size));
    const handle = this.library.create(
      "CreateTensorWithDataAsOrtValue",
      this.memoryInfo,
      new Uint8Array(memory),
      length * bytesPerElement[type],
      dims,
      dims.length,
      elementCode[type],
    );
    this.liveBytes += bytes;
    this.liveCount += 1;
    return { type, shape, data, handle };
  }

  release(buffer: Buffer): void {
    const memory = buffer.data.buffer as ArrayBuffer;
    this.library.release("ReleaseValue", buffer.handle);
    this.liveBytes -= memory.byteLength;
    this.liveCount -= 1;
    const list = this.free.get(memory.byteLength);
    if (list === undefined) this.free.set(memory.byteLength, [memory]);
    else list.push(memory);
  }

  /** Gives memory that no tensor uses back to the system. */
  trim(): void {
    this.free.clear();
  }
}
