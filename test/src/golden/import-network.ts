import type { ParamTree, WeightTransform } from "@ganymede/core";
import { key, leaves, mapLeaves } from "@ganymede/core";
import type { NamedArray, NetworkWeights } from "@ganymede/core/weights";
import { readWeights, writeWeights } from "@ganymede/core/weights";
import * as tf from "@tensorflow/tfjs-core";
import type { GoldenFile } from "./golden-file.js";

/** Arrays of a state dict among what a file holds: those that are no input, output, gradient or cotangent. */
export function stateDict({ tensors, inputs, outputs, gradients }: GoldenFile): Map<string, NamedArray> {
  const besides = new Set([...inputs, ...outputs, ...gradients.map(({ cot }) => cot)]);
  const prefixes = gradients.map(({ prefix }) => prefix);
  const own = [...tensors].filter(
    ([name]) => !besides.has(name) && !prefixes.some((prefix) => name.startsWith(prefix)),
  );
  return new Map(own.map(([name, { shape, data }]) => [name, { shape, data: data as Float32Array }]));
}

const shapes = (tree: ParamTree) => new Map(leaves(tree).map(({ path, value }) => [path, value.shape]));

export interface ImportedNetwork {
  readonly params: ParamTree;
  readonly vectors: ParamTree;
  /** The file's arrays as the rules write them again. */
  readonly written: ReadonlyMap<string, NamedArray>;
}

/** The parameters of a network, and the state of its weight transform, as the rules read them. */
export function importNetwork(
  rules: NetworkWeights,
  arrays: ReadonlyMap<string, NamedArray>,
  fresh: ParamTree,
  transform?: WeightTransform<ParamTree>,
): ImportedNetwork {
  const begun = transform?.init(fresh, key(2)) ?? {};
  const read = readWeights(rules, arrays, { params: shapes(fresh), vectors: shapes(begun) }, "test");
  const filled = (tree: ParamTree, from: ReadonlyMap<string, NamedArray>) =>
    mapLeaves(tree, (leaf, path) => {
      const array = from.get(path);
      return array === undefined ? leaf : tf.tensor(array.data, [...array.shape]);
    });
  return {
    params: filled(fresh, read.params),
    vectors: filled(begun, read.vectors),
    written: writeWeights(rules, read),
  };
}
