import type { ElementType } from "../graph/value.js";
import { sizeOf } from "../graph/value.js";
import { bytesPerElement } from "../model/element-types.js";
import type { Buffer, Buffers } from "./engine.js";

/** How the buffers of a pool come and go. */
export interface BufferKind<Kind extends Buffer> {
  /** Makes a tensor whose contents are whatever they were. */
  readonly make: (type: ElementType, shape: readonly number[]) => Kind;
  /** Gives its memory back to the system. */
  readonly end: (buffer: Kind) => void;
}

/** Freed memory that is kept even where less than this is in use. */
const keptBytes = 256 * 2 ** 20;

/** Bytes of a tensor's elements. */
export function bytesOf(type: ElementType, shape: readonly number[]): number {
  return sizeOf(shape) * bytesPerElement[type];
}

/**
 * Gives out tensor memory and takes it back. Freed buffers are kept and given out again: a training state is written into new
 * buffers each step, and fresh pages and handles for it would cost more than the update itself.
 */
export class BufferPool<Kind extends Buffer = Buffer> implements Buffers<Kind> {
  private readonly free = new Map<string, Kind[]>();
  private freeBytes = 0;
  liveBytes = 0;

  constructor(private readonly kind: BufferKind<Kind>) {}

  allocate(type: ElementType, shape: readonly number[]): Kind {
    const bytes = bytesOf(type, shape);
    this.liveBytes += bytes;
    const known = this.free.get(`${type}${shape.join()}`)?.pop();
    if (known === undefined) return this.kind.make(type, shape);
    this.freeBytes -= bytes;
    return known;
  }

  release(buffer: Kind): void {
    const bytes = bytesOf(buffer.type, buffer.shape);
    this.liveBytes -= bytes;
    if (this.freeBytes + bytes > Math.max(this.liveBytes, keptBytes)) {
      this.kind.end(buffer);
      return;
    }
    this.freeBytes += bytes;
    const key = `${buffer.type}${buffer.shape.join()}`;
    const list = this.free.get(key);
    if (list === undefined) this.free.set(key, [buffer]);
    else list.push(buffer);
  }

  get heldBytes(): number {
    return this.liveBytes + this.freeBytes;
  }

  /** Gives memory that no tensor uses back to the system. */
  trim(): void {
    for (const buffer of [...this.free.values()].flat()) this.kind.end(buffer);
    this.free.clear();
    this.freeBytes = 0;
  }
}
