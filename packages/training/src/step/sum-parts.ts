import type { Key, ParamTree } from "@ganymede/core";
import { fold, mapLeaves } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

/** The sum over parts `first` to `first + count - 1` of an update. */
export interface Block<Sum> {
  readonly first: number;
  readonly count: number;
  readonly sum: Sum;
}

/** The key of one part of an update; an update with one part uses the key itself. */
export function partKey(key: Key, index: number, count: number): Key {
  return count === 1 ? key : fold(key, index);
}

/**
 * True if the last two blocks are siblings in a binary tree over all parts. Sums are only formed in this way, so the order of additions
 * depends on the number of parts alone, not on which process computed which part.
 */
export function areSiblings(blocks: readonly Block<unknown>[]): boolean {
  const [left, right] = blocks.slice(-2);
  if (left === undefined || right === undefined) return false;
  return left.count === right.count && left.first % (2 * left.count) === 0 && right.first === left.first + left.count;
}

/** Merges the last two blocks. */
export function joined<Sum>(blocks: readonly Block<Sum>[], sum: Sum): readonly Block<Sum>[] {
  const [left, right] = blocks.slice(-2) as [Block<Sum>, Block<Sum>];
  return [...blocks.slice(0, -2), { first: left.first, count: left.count + right.count, sum }];
}

/** Sum of two trees, leaf by leaf. */
export function addTrees<Tree extends ParamTree>(a: Tree, b: Tree): Tree {
  return mapLeaves(a, (leaf, _, other) => tf.add(leaf, other as tf.Tensor), b);
}

/** Divides a sum by the number of parts. */
export function divideTree<Tree extends ParamTree>(sum: Tree, count: number): Tree {
  return count === 1 ? sum : mapLeaves(sum, (leaf) => tf.div(leaf, count));
}

/**
 * Sums blocks in tree order.
 *
 * @param blocks in the order of their parts, without gaps.
 * @param add returns the sum of two; may be asynchronous.
 * @param all false while blocks of other processes are missing: only complete subtrees are added then.
 */
export async function sumBlocks<Sum>(
  blocks: readonly Block<Sum>[],
  add: (a: Sum, b: Sum) => Promise<Sum> | Sum,
  all: boolean,
): Promise<readonly Block<Sum>[]> {
  let done: readonly Block<Sum>[] = [];
  const join = async () => {
    const [left, right] = done.slice(-2) as [Block<Sum>, Block<Sum>];
    done = joined(done, await add(left.sum, right.sum));
  };
  for (const block of blocks) {
    done = [...done, block];
    while (areSiblings(done)) await join();
  }
  // A number of parts that is not a power of two leaves blocks of decreasing size.
  while (all && done.length > 1) await join();
  return done;
}

/** The mean over `count` parts computed in sequence, with the summation order of `sumBlocks`. */
export function meanOfParts<Sum extends ParamTree>(count: number, part: (index: number) => Sum): Sum {
  let done: readonly Block<Sum>[] = [];
  const join = () => {
    const [left, right] = done.slice(-2) as [Block<Sum>, Block<Sum>];
    done = joined(done, addTrees(left.sum, right.sum));
  };
  for (let index = 0; index < count; index++) {
    done = [...done, { first: index, count: 1, sum: part(index) }];
    while (areSiblings(done)) join();
  }
  while (done.length > 1) join();
  return divideTree((done[0] as Block<Sum>).sum, count);
}
