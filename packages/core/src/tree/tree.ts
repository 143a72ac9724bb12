import { Tensor } from "@tensorflow/tfjs-core";
import { GanymedeError } from "../errors/ganymede-error.js";
import type { ParamTree } from "./param-tree.js";

/** The same tree with every leaf replaced by `Leaf`. */
export type TreeOf<Tree, Leaf> = Tree extends Tensor
  ? Leaf
  : { readonly [Name in keyof Tree]: TreeOf<Tree[Name], Leaf> };

type Visit = (leaf: Tensor, path: string, others: Tensor[]) => unknown;

/** Rebuilds the structure with the results of `visit`: insertion order for records, index order for lists. */
function walk(node: ParamTree, path: string, others: readonly (ParamTree | undefined)[], visit: Visit): unknown {
  if (node instanceof Tensor) {
    if (!others.every((other) => other instanceof Tensor)) {
      throw new GanymedeError("invalid-argument", `mapTree: every tree must have a leaf at "${path}"`);
    }
    return visit(node, path, others as Tensor[]);
  }
  const entries = Object.entries(node as Record<string, ParamTree>).map(([name, child]): [string, unknown] => {
    const below = others.map((other) => (other as Record<string, ParamTree> | undefined)?.[name]);
    return [name, walk(child, path === "" ? name : `${path}.${name}`, below, visit)];
  });
  return Array.isArray(node) ? entries.map(([, child]) => child) : Object.fromEntries(entries);
}

/**
 * Maps every leaf of a tree with `visit`; further trees must have the same structure.
 *
 * @param visit gets the leaf, its path (`blocks.0.query.weight`) and the matching leaves of `others`.
 * @throws GanymedeError `invalid-argument` if another tree lacks a leaf.
 */
export function mapTree<Tree extends ParamTree, Leaf>(
  tree: Tree,
  visit: (leaf: Tensor, path: string, ...others: Tensor[]) => Leaf,
  ...others: ParamTree[]
): TreeOf<Tree, Leaf> {
  return walk(tree, "", others, (leaf, path, rest) => visit(leaf, path, ...rest)) as TreeOf<Tree, Leaf>;
}

/** `mapTree` from tensors to tensors, which keeps the type of the tree. */
export function mapLeaves<Tree extends ParamTree>(
  tree: Tree,
  visit: (leaf: Tensor, path: string, ...others: Tensor[]) => Tensor,
  ...others: ParamTree[]
): Tree {
  return walk(tree, "", others, (leaf, path, rest) => visit(leaf, path, ...rest)) as Tree;
}

/** All leaves with their paths, in the tree's fixed order. */
export function leaves(tree: ParamTree): { readonly path: string; readonly value: Tensor }[] {
  const found: { path: string; value: Tensor }[] = [];
  walk(tree, "", [], (value, path) => found.push({ path, value }));
  return found;
}

/** All leaves without their paths, in the same order; cheaper for functions that run several times per step. */
export function leafValues(tree: ParamTree): Tensor[] {
  const found: Tensor[] = [];
  const visit = (node: ParamTree): void => {
    if (node instanceof Tensor) found.push(node);
    else for (const child of Object.values(node as Record<string, ParamTree>)) visit(child);
  };
  visit(tree);
  return found;
}

/** A tree of the same structure with other leaves, in the order of `leaves`. */
export function fillTree<Tree extends ParamTree>(tree: Tree, values: readonly Tensor[]): Tree {
  let next = 0;
  const fill = (node: ParamTree): unknown => {
    if (node instanceof Tensor) return values[next++];
    if (Array.isArray(node)) return node.map(fill);
    const filled: Record<string, unknown> = {};
    for (const name of Object.keys(node)) filled[name] = fill((node as Record<string, ParamTree>)[name] as ParamTree);
    return filled;
  };
  return fill(tree) as Tree;
}

/** Number of scalar values in all leaves. */
export function countParameters(tree: ParamTree): number {
  return leafValues(tree).reduce((sum, leaf) => sum + leaf.size, 0);
}

/** Disposes every leaf; the caller must own the tree. */
export function disposeTree(tree: ParamTree): void {
  for (const leaf of leafValues(tree)) leaf.dispose();
}

/** Disposes every leaf of `tree` that is in none of `kept`. */
export function disposeExcept(tree: ParamTree, ...kept: ParamTree[]): void {
  const held = new Set(kept.flatMap(leafValues));
  for (const leaf of leafValues(tree)) if (!held.has(leaf)) leaf.dispose();
}
