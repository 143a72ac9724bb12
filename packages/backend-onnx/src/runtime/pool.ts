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
interface Shelf<Kind> {
  readonly bytes: number;
  readonly make: () => Kind;
  free: Kind[];
}

type Shelved<Kind> = Kind & { shelf: Shelf<Shelved<Kind>> };

/**
 * Allocates tensor memory and reuses freed buffers: a training state is written to new buffers each step, and new pages and handles
 * would cost more than the update itself.
 */
export class BufferPool<Kind extends Buffer = Buffer> implements Buffers<Kind> {
  private readonly shelves = new Map<string, Shelf<Shelved<Kind>>>();
  private freeBytes = 0;
  liveBytes = 0;

  constructor(private readonly kind: BufferKind<Kind>) {}

  private shelf(type: ElementType, shape: readonly number[]): Shelf<Shelved<Kind>> {
    const key = `${type}${shape.join()}`;
    const known = this.shelves.get(key);
    if (known !== undefined) return known;
    const shelf: Shelf<Shelved<Kind>> = {
      bytes: bytesOf(type, shape),
      // A buffer knows its free list, which is faster than a lookup by shape.
      make: () => Object.assign(this.kind.make(type, shape), { shelf }),
      free: [],
    };
    this.shelves.set(key, shelf);
    return shelf;
  }

  private take(shelf: Shelf<Shelved<Kind>>): Kind {
    this.liveBytes += shelf.bytes;
    const known = shelf.free.pop();
    if (known === undefined) return shelf.make();
    this.freeBytes -= shelf.bytes;
    return known;
  }

  allocate(type: ElementType, shape: readonly number[]): Kind {
    return this.take(this.shelf(type, shape));
  }

  supplier(type: ElementType, shape: readonly number[]): () => Kind {
    const shelf = this.shelf(type, shape);
    return () => this.take(shelf);
  }

  release(buffer: Kind): void {
    const { shelf } = buffer as Shelved<Kind>;
    this.liveBytes -= shelf.bytes;
    if (this.freeBytes + shelf.bytes > Math.max(this.liveBytes, keptBytes)) {
      this.kind.end(buffer);
      return;
    }
    this.freeBytes += shelf.bytes;
    shelf.free.push(buffer as Shelved<Kind>);
  }

  get heldBytes(): number {
    return this.liveBytes + this.freeBytes;
  }

  /** Returns unused memory to the system. */
  trim(): void {
    for (const shelf of this.shelves.values()) {
      for (const buffer of shelf.free) this.kind.end(buffer);
      shelf.free = [];
    }
    this.freeBytes = 0;
  }
}
