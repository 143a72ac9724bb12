import type { Key, ParamTree } from "@ganymede/core";
import type { CompileArgument } from "@ganymede/core/compile";
import * as tf from "@tensorflow/tfjs-core";

function isKey(argument: CompileArgument): argument is Key {
  return typeof argument === "object" && argument !== null && "words" in argument && Array.isArray(argument.words);
}

export function kindOf(argument: CompileArgument): "tree" | "key" | "plain" {
  if (isKey(argument)) return "key";
  return typeof argument === "object" && argument !== null ? "tree" : "plain";
}

/** The structure of a tree with the types and shapes of its leaves. */
type TreePattern =
  | { readonly dtype: tf.DataType; readonly shape: readonly number[] }
  | { readonly names: readonly string[]; readonly children: readonly TreePattern[] };

/** What determines whether a trace fits an argument. */
type ArgumentPattern =
  | { readonly kind: "key" }
  | { readonly kind: "plain"; readonly value: CompileArgument }
  | { readonly kind: "tree"; readonly tree: TreePattern };

/** What determines whether a trace fits a call: structure, shapes and types of trees, and the plain values. */
export type CallPattern = readonly ArgumentPattern[];

function treePattern(tree: ParamTree): TreePattern {
  if (tree instanceof tf.Tensor) return { dtype: tree.dtype, shape: tree.shape };
  const record = tree as Readonly<Record<string, ParamTree>>;
  const names = Object.keys(record);
  return { names, children: names.map((name) => treePattern(record[name]!)) };
}

export function callPattern(args: readonly CompileArgument[]): CallPattern {
  return args.map((argument) => {
    const kind = kindOf(argument);
    if (kind === "tree") return { kind, tree: treePattern(argument as ParamTree) };
    return kind === "key" ? { kind } : { kind, value: argument };
  });
}

/** Compares both in one walk: a step has hundreds of leaves, and serialising them would take longer than comparing. */
function fitsTree(pattern: TreePattern, tree: ParamTree): boolean {
  if (tree instanceof tf.Tensor) {
    if (!("dtype" in pattern) || pattern.dtype !== tree.dtype || pattern.shape.length !== tree.rank) return false;
    return pattern.shape.every((size, axis) => size === tree.shape[axis]);
  }
  if ("dtype" in pattern) return false;
  const { names, children } = pattern;
  let place = 0;
  // The order counts too, because leaves are fed in it.
  for (const name in tree) {
    if (names[place] !== name) return false;
    if (!fitsTree(children[place]!, (tree as Readonly<Record<string, ParamTree>>)[name]!)) return false;
    place += 1;
  }
  return place === names.length;
}

/** Whether a call matches the pattern. */
export function fitsCall(pattern: CallPattern, args: readonly CompileArgument[]): boolean {
  if (pattern.length !== args.length) return false;
  return pattern.every((expected, index) => {
    const argument = args[index] as CompileArgument;
    if (expected.kind !== kindOf(argument)) return false;
    if (expected.kind === "plain") return Object.is(expected.value, argument);
    return expected.kind === "key" || fitsTree(expected.tree, argument as ParamTree);
  });
}
