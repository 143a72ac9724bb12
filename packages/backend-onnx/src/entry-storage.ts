import * as tf from "@tensorflow/tfjs-core";
import type { Entry } from "./entry.js";

/** A tensor's identity that carries its entry: a weak map of thousands of them would keep the garbage collector busy. */
class OwnId {
  constructor(
    readonly storage: EntryStorage,
    public entry: Entry | undefined,
  ) {}
}

/** What stands behind the tensors of one backend, by the identities under which tfjs knows them. */
export class EntryStorage {
  /** Entries of tensors that other backends made. */
  private readonly moved: tf.DataStorage<Entry>;
  private count = 0;

  constructor(private readonly backend: tf.KernelBackend) {
    this.moved = new tf.DataStorage<Entry>(backend, tf.engine() as never);
  }

  /** Gives an entry an identity. */
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
    // One that went to another backend comes back under the identity that it had here.
    if (own.entry === undefined) tf.engine().moveData(this.backend, dataId);
    return own.entry as Entry;
  }

  /** Keeps an entry under an identity of another backend's making. */
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
