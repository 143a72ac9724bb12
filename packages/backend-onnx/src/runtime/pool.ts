import type { ElementType } from "../graph/value.js";
import { sizeOf } from "../graph/value.js";
import { bytesPerElement } from "../model/element-types.js";
import type { Buffer, Buffers } from "./engine.js";

/** Allocation and release of a pool's buffers. */
export interface BufferKind<Kind extends Buffer> {
  /** Creates a tensor with undefined contents. */
  readonly make: (type: ElementType, shape: readonly number[]) => Kind;
  /** Returns its memory to the system. */
  readonly end: (buffer: Kind) => void;
}

/** Freed memory that is kept even if less than this is in use. */
const keptBytes = 256 * 2 ** 20;

/** Bytes of a tensor's elements. */
export function bytesOf(type: ElementType, shape: readonly number[]): number {
  return sizeOf(shape) * bytesPerElement[type];
}

/** Free list of one type and shape. */
interface FreeList<Kind> {
  readonly bytes: number;
  readonly make: () => Kind;
  free: Kind[];
}

type Pooled<Kind> = Kind & { freeList: FreeList<Pooled<Kind>> };

/**
 * Allocates tensor memory and reuses freed buffers: a training state is written to new buffers each step, and new pages and handles
 * would cost more than the update itself.
 */
export class BufferPool<Kind extends Buffer = Buffer> implements Buffers<Kind> {
  private readonly freeLists = new Map<string, FreeList<Pooled<Kind>>>();
  private freeBytes = 0;
  liveBytes = 0;

  constructor(private readonly kind: BufferKind<Kind>) {}

  private freeList(type: ElementType, shape: readonly number[]): FreeList<Pooled<Kind>> {
    const key = `${type}${shape.join()}`;
    const known = this.freeLists.get(key);
    if (known !== undefined) return known;
    const freeList: FreeList<Pooled<Kind>> = {
      bytes: bytesOf(type, shape),
      // A buffer knows its free list, which is faster than a lookup by shape.
      make: () => Object.assign(this.kind.make(type, shape), { freeList }),
      free: [],
    };
    this.freeLists.set(key, freeList);
    return freeList;
  }

  private take(freeList: FreeList<Pooled<Kind>>): Kind {
    this.liveBytes += freeList.bytes;
    const known = freeList.free.pop();
    if (known === undefined) return freeList.make();
    this.freeBytes -= freeList.bytes;
    return known;
  }

  allocate(type: ElementType, shape: readonly number[]): Kind {
    return this.take(this.freeList(type, shape));
  }

  supplier(type: ElementType, shape: readonly number[]): () => Kind {
    const freeList = this.freeList(type, shape);
    return () => this.take(freeList);
  }

  release(buffer: Kind): void {
    const { freeList } = buffer as Pooled<Kind>;
    this.liveBytes -= freeList.bytes;
    if (this.freeBytes + freeList.bytes > Math.max(this.liveBytes, keptBytes)) {
      this.kind.end(buffer);
      return;
    }
    this.freeBytes += freeList.bytes;
    freeList.free.push(buffer as Pooled<Kind>);
  }

  get heldBytes(): number {
    return this.liveBytes + this.freeBytes;
  }

  /** Returns unused memory to the system. */
  trim(): void {
    for (const freeList of this.freeLists.values()) {
      for (const buffer of freeList.free) this.kind.end(buffer);
      freeList.free = [];
    }
    this.freeBytes = 0;
  }
}
