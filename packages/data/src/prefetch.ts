import { GanymedeError } from "@ganymede/core";

/** Range of steps, and number of steps to prefetch. */
export interface PrefetchOptions {
  /** First step. Default: 0. */
  readonly from?: number;
  /** One past the last step. Default: no end. */
  readonly to?: number;
  /** Number of items produced ahead of the current one, at least 1. */
  readonly depth?: number;
}

/**
 * Yields `produce(from)`, `produce(from + 1)`, ... in order while up to `depth` later items are being produced, so that the
 * device does not wait for data.
 *
 * An error of `produce` is thrown at its own item, after those before it. Leaving the loop (`break`, `return`, `throw`)
 * starts nothing new and waits for items in progress.
 */
export async function* prefetch<Item>(
  produce: (step: number) => Promise<Item>,
  options: PrefetchOptions = {},
): AsyncGenerator<Item, void, void> {
  const { from = 0, to = Number.POSITIVE_INFINITY, depth = 2 } = options;
  if (!Number.isInteger(depth) || depth < 1) {
    throw new GanymedeError("invalid-argument", `prefetch: depth must be a whole number from 1 up, got ${depth}`);
  }
  const ahead: Promise<Item>[] = [];
  let next = from;
  const start = (): void => {
    const item = (async () => produce(next++))();
    // Its error is thrown at its item; until then it must not count as unhandled.
    item.catch(() => undefined);
    ahead.push(item);
  };
  try {
    while (true) {
      while (ahead.length <= depth && next < to) start();
      const item = ahead.shift();
      if (item === undefined) return;
      yield await item;
    }
  } finally {
    await Promise.allSettled(ahead);
  }
}
