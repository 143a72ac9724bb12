import * as tf from "@tensorflow/tfjs-core";
import { keepFloat32 } from "../compile/trace.js";
import { firstFew } from "../errors/first-few.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import type { ParamTree } from "../tree/param-tree.js";
import { fillTree, leaves, mapLeaves } from "../tree/tree.js";

/** The value of an objective, and further tensors of its computation to return. */
export interface Objective<Extra extends ParamTree> {
  readonly value: tf.Scalar;
  readonly extra: Extra;
}

/** Result of `valueAndGrad`: the value, its gradient and the extra tensors. */
export interface ValueAndGrad<Tree extends ParamTree, Extra> {
  readonly value: tf.Scalar;
  /** In the structure of the parameters. */
  readonly grads: Tree;
  readonly extra: Extra;
}

/**
 * The value of `fn` and its gradient with respect to every leaf of `params`, in float32 also under mixed precision.
 *
 * @param fn returns a scalar, and further tensors that the caller needs.
 * @param scale loss scale: the value is multiplied by it before the backward pass, and the gradients are divided by it. Default: 1.
 * @throws GanymedeError `invalid-argument` with the leaves on which the value does not depend: a dead parameter is an error in the
 *   model and is never given a zero gradient.
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
    // The engine frees tensors created inside unless they are kept; the copies below belong to the caller's scope.
    extra = mapLeaves(objective.extra, (tensor) => tf.keep(tf.clone(tensor)));
    return scale === undefined ? objective.value : tf.mul(objective.value, scale);
  };
  const { value, grads } = tf.engine().gradients(run, xs, undefined as never, true);
  if (value.rank !== 0) {
    throw new GanymedeError("invalid-argument", `valueAndGrad: fn must return a scalar, got shape [${value.shape}]`);
  }
  const dead = named.filter((_, index) => grads[index] == null).map((leaf) => leaf.path || "the only leaf");
  if (dead.length > 0) {
    throw new GanymedeError(
      "invalid-argument",
      `valueAndGrad: the value must depend on every parameter, but not on ${firstFew(dead, 4)}; use it or remove it from the tree`,
    );
  }
  const handedOver = mapLeaves(extra as Extra, (kept) => {
    const copy = tf.clone(kept);
    kept.dispose();
    return copy;
  });
  const unscaled = <Scaled extends tf.Tensor>(tensor: Scaled): Scaled =>
    scale === undefined ? keepFloat32(tensor) : tf.div(keepFloat32(tensor), scale);
  return { value: unscaled(value as tf.Scalar), grads: fillTree(params, grads.map(unscaled)), extra: handedOver };
}
