import type { Key, ParamTree } from "@ganymede/core";
import { fold, mapLeaves } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

/** Gradients and a report of one part of a batch. */
type Part = { readonly grads: ParamTree; readonly report: ParamTree };

/** The key of one part of a batch; a batch of one part has the key itself. */
export function partKey(key: Key, index: number, count: number): Key {
  return count === 1 ? key : fold(key, index);
}

/** Sums of gradients and reports over parts of a batch; everything else is the last part's. */
export function addPart<Found extends Part>(sum: Found | null, part: Found): Found {
  if (sum === null) return part;
  const add = <Tree extends ParamTree>(a: Tree, b: Tree): Tree =>
    mapLeaves(a, (leaf, _, other) => tf.add(leaf, other as tf.Tensor), b);
  return { ...part, grads: add(sum.grads, part.grads), report: add(sum.report, part.report) };
}

/** The sum turned into a mean. */
export function divideParts<Found extends Part>(sum: Found, count: number): Found {
  if (count === 1) return sum;
  const divide = <Tree extends ParamTree>(tree: Tree): Tree => mapLeaves(tree, (leaf) => tf.div(leaf, count));
  return { ...sum, grads: divide(sum.grads), report: divide(sum.report) };
}

/** Mean gradients and report over `count` parts of a batch, one after the other. */
export function meanOf<Found extends Part>(count: number, key: Key, part: (index: number, key: Key) => Found): Found {
  let sum = part(0, partKey(key, 0, count));
  for (let index = 1; index < count; index++) sum = addPart(sum, part(index, partKey(key, index, count)));
  return divideParts(sum, count);
}
