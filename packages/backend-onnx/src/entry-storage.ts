import * as tf from "@tensorflow/tfjs-core";
import type { Entry } from "./entry.js";

/** A tensor's identity with its entry: a weak map of thousands would burden the garbage collector. */
class OwnId {
  constructor(
    readonly storage: EntryStorage,
    public entry: Entry | undefined,
  ) {}
}

/** Entries of the tensors of one backend, by the identities that tfjs uses. */
export class EntryStorage {
  /** Entries of tensors that other backends created. */
  private readonly moved: tf.DataStorage<Entry>;
  private count = 0;

  constructor(private readonly backend: tf.KernelBackend) {
    this.moved = new tf.DataStorage<Entry>(backend, tf.engine() as never);
  }

  /** Creates an identity for an entry. */
  adopt(entry: Entry): object {
    this.count += 1;
    return new OwnId(this, entry);
  }

  private own(dataId: object): OwnId | undefined {
    return dataId instanceof OwnId && dataId.storage === this ? dataId : undefined;
  }

  has(dataId: object): boolean {
    const own = this.own(dataId);
    return own === undefined ? this.moved.has(dataId) : own.entry !== undefined;
  }

  /** The entry; a tensor of another backend is moved here first. */
  get(dataId: object): Entry {
    const own = this.own(dataId);
    if (own === undefined) return this.moved.get(dataId);
    // One that was moved to another backend keeps the identity that it had here.
    if (own.entry === undefined) tf.engine().moveData(this.backend, dataId);
    return own.entry as Entry;
  }

  /** Stores an entry under an identity created by another backend. */
  set(dataId: object, entry: Entry): void {
    const own = this.own(dataId);
    if (own === undefined) {
      this.moved.set(dataId, entry);
      return;
    }
    if (own.entry === undefined) this.count += 1;
    own.entry = entry;
  }

  delete(dataId: object): void {
    const own = this.own(dataId);
    if (own === undefined) {
      this.moved.delete(dataId);
      return;
    }
    own.entry = undefined;
    this.count -= 1;
  }

  get size(): number {
    return this.count + this.moved.numDataIds();
  }
}
