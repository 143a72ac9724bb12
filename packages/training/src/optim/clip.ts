import type { ParamTree } from "@ganymede/core";
import { leaves, mapLeaves } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

/** The L2 norm over all leaves. */
export function globalNorm(tree: ParamTree): tf.Scalar {
  const squares = leaves(tree).map((leaf) => tf.sum(tf.square(leaf.value)));
  return tf.sqrt(tf.addN(squares)) as tf.Scalar;
}

/**
 * Scales all gradients by min(1, limit / (norm + 1e-6)), with the norm over the whole tree.
 *
 * Source: Pascanu, Mikolov and Bengio 2013, arXiv 1211.5063, section 3.2; the 1e-6 as in PyTorch.
 */
export function clipByGlobalNorm<Tree extends ParamTree>(
  grads: Tree,
  limit: number,
): { readonly grads: Tree; readonly norm: tf.Scalar } {
  const norm = globalNorm(grads);
  const factor = tf.minimum(tf.div(limit, tf.add(norm, 1e-6)), 1);
  return { grads: mapLeaves(grads, (leaf) => tf.mul(leaf, factor)), norm };
}
