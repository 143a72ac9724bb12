import type { ParamTree } from "@ganymede/core";
import { fillTree, leafValues } from "@ganymede/core";
import type { Tensor } from "@tensorflow/tfjs-core";

/**
 * Applies a rule to every leaf of a tree with its gradient and its moments.
 *
 * @param moments trees in the structure of the parameters.
 * @param rule returns the next value of the leaf and of each of its moments.
 */
export function moveLeaves<Tree extends ParamTree>(
  params: Tree,
  grads: Tree,
  moments: readonly ParamTree[],
  rule: (value: Tensor, gradient: Tensor, ...moments: Tensor[]) => readonly Tensor[],
): { readonly params: Tree; readonly moments: readonly ParamTree[] } {
  const gradients = leafValues(grads);
  const before = moments.map(leafValues);
  const moved = leafValues(params).map((value, index) =>
    rule(value, gradients[index] as Tensor, ...before.map((leaves) => leaves[index] as Tensor)),
  );
  const column = (at: number) => moved.map((values) => values[at] as Tensor);
  return {
    params: fillTree(params, column(0)),
    moments: moments.map((tree, index) => fillTree(tree, column(index + 1))),
  };
}
