import type { Batch, Target } from "./eager-graph.js";
import type { Entry } from "./entry.js";
import type { Value } from "./graph/value.js";
import { dependencies, nodesOf } from "./graph/value.js";
import type { AsyncEngine, BlockingEngine, Buffer, Buffers } from "./runtime/engine.js";
import { SessionCache } from "./runtime/session-cache.js";

/** The buffer with an entry's values; throws the error of their computation. */
export type BufferOf = (entry: Entry) => Buffer;

/** Computes what was recorded. */
export interface BatchRunner {
  /** Leaves values or an error in every target. Returns a promise if asynchronous. */
  run(batch: Batch): Promise<void> | undefined;
  release(): void;
}

/** The part of the batch that its targets need. */
function partFor({ entry, value }: Target, { feeds }: Batch): Batch {
  const needed = new Set<Value>([value, ...nodesOf([value]).flatMap(dependencies)]);
  return { targets: [{ entry, value }], feeds: new Map([...feeds].filter(([feed]) => needed.has(feed))) };
}

function graphOf({ targets, feeds }: Batch) {
  return { inputs: [...feeds.keys()], outputs: targets.map(({ value }) => value) };
}

function allocate({ targets }: Batch, pool: Buffers): Buffer[] {
  return targets.map(({ entry }) => pool.allocate(entry.type, entry.shape));
}

function keep({ targets }: Batch, buffers: readonly Buffer[]): void {
  targets.forEach(({ entry }, i) => {
    entry.buffer = buffers[i];
  });
}

/** Runs batches synchronously. */
export function blockingRunner(engine: BlockingEngine, bufferOf: BufferOf): BatchRunner {
  const sessions = new SessionCache(engine, (session) => session.release());
  const { pool } = engine.store;
  const compute = (batch: Batch): void => {
    const inputs = [...batch.feeds.values()].map(bufferOf);
    const buffers = allocate(batch, pool);
    try {
      sessions.get(graphOf(batch)).runSync(inputs, buffers);
    } catch (failure) {
      for (const buffer of buffers) pool.release(buffer);
      throw failure;
    }
    keep(batch, buffers);
  };
  return {
    run(batch) {
      try {
        compute(batch);
      } catch {
        // An operation that fails must not discard the results of the others.
        for (const target of batch.targets) {
          try {
            compute(partFor(target, batch));
          } catch (failure) {
            target.entry.failure = failure;
          }
        }
      }
      return undefined;
    },
    release: () => sessions.clear(),
  };
}

/** Runs batches as soon as their inputs are available. */
export function asyncRunner(engine: AsyncEngine, bufferOf: BufferOf): BatchRunner {
  // A model that fails to load needs no release; the caller has its error.
  const sessions = new SessionCache(engine, (loading) => loading.then((session) => session.release()).catch(() => {}));
  const { pool } = engine.store;
  const compute = async (batch: Batch): Promise<void> => {
    const entries = [...batch.feeds.values()];
    await Promise.all(entries.map(({ computing }) => computing));
    const inputs = entries.map(bufferOf);
    const session = await sessions.get(graphOf(batch));
    const buffers = allocate(batch, pool);
    try {
      await session.run(inputs, buffers);
    } catch (failure) {
      for (const buffer of buffers) pool.release(buffer);
      throw failure;
    }
    keep(batch, buffers);
  };
  return {
    async run(batch) {
      try {
        await compute(batch);
      } catch {
        for (const target of batch.targets) {
          try {
            await compute(partFor(target, batch));
          } catch (failure) {
            target.entry.failure = failure;
          }
        }
      }
    },
    release: () => sessions.clear(),
  };
}
