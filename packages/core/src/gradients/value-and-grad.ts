import * as tf from "@tensorflow/tfjs-core";
import { single } from "../compile/trace.js";
import { firstFew } from "../errors/first-few.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import type { ParamTree } from "../tree/param-tree.js";
import { fillTree, leaves, mapLeaves } from "../tree/tree.js";

/** An objective with what else should come out of its computation, a tree of tensors. */
export interface Objective<Extra extends ParamTree> {
  readonly value: tf.Scalar;
  readonly extra: Extra;
}

/** What `valueAndGrad` returns: the value, its gradient and what the function returned beside it. */
export interface ValueAndGrad<Tree extends ParamTree, Extra> {
  readonly value: tf.Scalar;
  /** In the structure of the parameters. */
  readonly grads: Tree;
  readonly extra: Extra;
}

/**
 * The value of `fn` and its gradient with respect to every leaf of `params`, in float32 also where mixed precision computes them in half.
 *
 * @param fn gives a scalar, and tensors computed on the way that the caller wants besides it.
 * @param scale what the value is multiplied by on the way back, and the gradients divided by in the end; 1 where left out.
 * @throws GanymedeError `invalid-argument` naming the leaves on which the value does not depend: a dead parameter is a mistake
 *   in the model, never a zero.
 */
export function valueAndGrad<Tree extends ParamTree, Extra extends ParamTree>(
  fn: (params: Tree) => Objective<Extra>,
  params: Tree,
  scale?: tf.Scalar,
): ValueAndGrad<Tree, Extra> {
  const named = leaves(params);
  const xs = named.map((leaf) => leaf.value);
  let extra: Extra | undefined;
  const run = () => {
    const objective = fn(fillTree(params, xs));
    // The engine frees what is made inside unless it is kept; the copies below belong to the caller's scope.
    extra = mapLeaves(objective.extra, (tensor) => tf.keep(tf.clone(tensor)));
    return scale === undefined ? objective.value : tf.mul(objective.value, scale);
  };
  const { value, grads } = tf.engine().gradients(run, xs, undefined as never, true);
  if (value.rank !== 0) {
    throw new GanymedeError("invalid-argument", `valueAndGrad: fn must give a scalar, got shape [${value.shape}]`);
  }
  const dead = named.filter((_, index) => grads[index] == null).map((leaf) => leaf.path || "the only leaf");
  if (dead.length > 0) {
    throw new GanymedeError(
      "invalid-argument",
      `valueAndGrad: the value must depend on every parameter, but not on ${firstFew(dead, 4)}; use it or take it out of the tree`,
    );
  }
  const handedOver = mapLeaves(extra as Extra, (kept) => {
    const copy = tf.clone(kept);
    kept.dispose();
    return copy;
  });
  const unscaled = <Scaled extends tf.Tensor>(tensor: Scaled): Scaled =>
    scale === undefined ? single(tensor) : tf.div(single(tensor), scale);
  return { value: unscaled(value as tf.Scalar), grads: fillTree(params, grads.map(unscaled)), extra: handedOver };
}
