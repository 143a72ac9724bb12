import { GanymedeError } from "@ganymede/core";

/** Which steps are made, and how far ahead. */
export interface PrefetchOptions {
  /** First step. */
  readonly from?: number;
  /** One past the last step; without it there is no end. */
  readonly to?: number;
  /** How many items are made ahead of the one in use, at least 1. */
  readonly depth?: number;
}

/**
 * Yields `produce(from)`, `produce(from + 1)`, ... in order while up to `depth` later ones are already being made, so that the
 * device never waits for data that could have been ready.
 *
 * An error of `produce` is thrown where its item is due, after those before it. Leaving the loop (`break`, `return`, `throw`)
 * starts nothing new and waits for what is under way.
 */
export async function* prefetch<Item>(
  produce: (step: number) => Promise<Item>,
  options: PrefetchOptions = {},
): AsyncGenerator<Item, void, void> {
  const { from = 0, to = Number.POSITIVE_INFINITY, depth = 2 } = options;
  if (!Number.isInteger(depth) || depth < 1) {
    throw new GanymedeError("invalid-argument", `prefetch: depth must be a whole number of at least 1, got ${depth}`);
  }
  const ahead: Promise<Item>[] = [];
  let next = from;
  const start = (): void => {
    const item = (async () => produce(next++))();
    // Its error is thrown when the item is due; until then it must not count as unhandled.
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
