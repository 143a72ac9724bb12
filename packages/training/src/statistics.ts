import type { ParamTree } from "@ganymede/core";
import { leaves, mapLeaves } from "@ganymede/core";
import { Tensor } from "@tensorflow/tfjs-core";

/** The record in a layer's parameters whose leaves are running statistics: no gradient, no moments, copied by averages. */
const recordName = "statistics";

/** Whether a leaf at this path is a running statistic. */
export const isStatistic = (path: string): boolean => path.split(".").includes(recordName);

/** The tree without its running statistics: what an optimiser moves. */
export function trained(tree: ParamTree): ParamTree {
  if (tree instanceof Tensor) return tree;
  if (Array.isArray(tree)) return tree.map(trained);
  const kept = Object.entries(tree as Readonly<Record<string, ParamTree>>).filter(([name]) => name !== recordName);
  return Object.fromEntries(kept.map(([name, child]) => [name, trained(child)]));
}

/** The tree with its trained leaves taken from `values` (of the structure of `trained(tree)`) and its statistics as they are. */
export function withTrained<Tree extends ParamTree>(tree: Tree, values: ParamTree): Tree {
  const next = leaves(values).map(({ value }) => value);
  let at = 0;
  return mapLeaves(tree, (leaf, path) => (isStatistic(path) ? leaf : (next[at++] as Tensor)));
}

/** What the layers of one forward pass hand in for their statistics. */
export interface StatisticsRecord {
  readonly update: (statistic: Tensor, next: Tensor) => void;
  /** Next values by the path of their leaf in the tree. */
  values(): Readonly<Record<string, Tensor>>;
}

/** Notes the next values of the statistics of `tree`; of several for one leaf the last one stays. */
export function recordStatistics(tree: ParamTree): StatisticsRecord {
  const noted = new Map<Tensor, Tensor>();
  return {
    update: (statistic, next) => {
      noted.set(statistic, next);
    },
    values: () =>
      Object.fromEntries(
        leaves(tree).flatMap(({ path, value }) => {
          const next = noted.get(value);
          return next === undefined ? [] : [[path, next]];
        }),
      ),
  };
}

/** The tree with its statistics replaced by what was recorded. */
export function withStatistics<Tree extends ParamTree>(tree: Tree, values: Readonly<Record<string, Tensor>>): Tree {
  return mapLeaves(tree, (leaf, path) => values[path] ?? leaf);
}

/** An average of two trees that copies the statistics of the newer one. */
export function copyStatistics<Tree extends ParamTree>(average: Tree, newer: Tree): Tree {
  return mapLeaves(average, (leaf, path, next) => (isStatistic(path) ? (next as Tensor) : leaf), newer);
}
