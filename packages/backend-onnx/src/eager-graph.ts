import type { Entry } from "./entry.js";
import { GraphBuilder } from "./graph/builder.js";
import type { Value } from "./graph/value.js";

/** A tensor to be computed, and its value in the graph. */
export interface Target {
  readonly entry: Entry;
  readonly value: Value;
}

/** A graph ready to run, with its outputs and inputs. All of its entries are pinned until it has run. */
export interface Batch {
  readonly targets: readonly Target[];
  readonly feeds: ReadonlyMap<Value, Entry>;
}

/** The graph that records operations outside of compiled functions until the next read. */
export class EagerGraph {
  builder = new GraphBuilder();
  private feeds = new Map<Value, Entry>();
  private readonly pending = new Set<Entry>();

  constructor(private readonly pins: { pin(entry: Entry): void; unpin(entry: Entry): void }) {}

  /** Whether the entry is still to be computed by this graph. */
  holds(entry: Entry): boolean {
    return this.pending.has(entry);
  }

  /** Whether there is nothing to compute. */
  get isEmpty(): boolean {
    return this.pending.size === 0;
  }

  /** An entry that a node of the graph computes. */
  add(entry: Entry): void {
    this.pending.add(entry);
  }

  /** The graph input for an entry. */
  feed(entry: Entry): Value {
    const value = this.builder.feed(entry.type, entry.shape);
    entry.node = { builder: this.builder, value };
    this.feeds.set(value, entry);
    this.pins.pin(entry);
    return value;
  }

  /** Marks an entry that will not be read any more. */
  forget(entry: Entry): void {
    this.pending.delete(entry);
    // A graph without wanted results would only keep its inputs alive.
    if (this.pending.size === 0 && this.feeds.size > 0) this.abandon();
  }

  /** Returns what is to be computed, and starts an empty graph. */
  take(): Batch {
    const targets = [...this.pending].map((entry) => ({ entry, value: entry.node!.value }));
    for (const { entry } of targets) {
      entry.node = undefined;
      this.pins.pin(entry);
    }
    return { targets, feeds: this.restart() };
  }

  /** Releases everything that it reads. */
  abandon(): void {
    for (const entry of this.restart().values()) this.pins.unpin(entry);
  }

  private restart(): ReadonlyMap<Value, Entry> {
    const { feeds } = this;
    for (const entry of feeds.values()) entry.node = undefined;
    this.builder = new GraphBuilder();
    this.feeds = new Map();
    this.pending.clear();
    return feeds;
  }
}
