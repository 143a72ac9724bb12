import type { ParamTree } from "@ganymede/core";
import { leaves, mapLeaves } from "@ganymede/core";
import { Tensor } from "@tensorflow/tfjs-core";

/** Name of the record in a layer's parameters whose leaves are running statistics: they have no gradient and no moments, and an EMA copies them. */
const recordName = "statistics";

/** Whether a leaf at this path is a running statistic. */
export const isStatistic = (path: string): boolean => path.split(".").includes(recordName);

/** The tree without its running statistics: the leaves that an optimizer updates. */
export function trained(tree: ParamTree): ParamTree {
  if (tree instanceof Tensor) return tree;
  if (Array.isArray(tree)) return tree.map(trained);
  const kept = Object.entries(tree as Readonly<Record<string, ParamTree>>).filter(([name]) => name !== recordName);
  return Object.fromEntries(kept.map(([name, child]) => [name, trained(child)]));
}

/** The tree with its trained leaves from `values` (in the structure of `trained(tree)`) and its own statistics. */
export function withTrained<Tree extends ParamTree>(tree: Tree, values: ParamTree): Tree {
  const next = leaves(values).map(({ value }) => value);
  let at = 0;
  return mapLeaves(tree, (leaf, path) => (isStatistic(path) ? leaf : (next[at++] as Tensor)));
}

/** Collects the statistics that layers report during one forward pass. */
export interface StatisticsRecord {
  readonly update: (statistic: Tensor, next: Tensor) => void;
  /** Next values, by the path of their leaf in the tree. */
  values(): Readonly<Record<string, Tensor>>;
}

/** Records the next values of the statistics of `tree`; if a leaf is reported more than once, the last value wins. */
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

/** The tree with its statistics replaced by the recorded values. */
export function withStatistics<Tree extends ParamTree>(tree: Tree, values: Readonly<Record<string, Tensor>>): Tree {
  return mapLeaves(tree, (leaf, path) => values[path] ?? leaf);
}

/** `average` with the statistics of `newer`. */
export function copyStatistics<Tree extends ParamTree>(average: Tree, newer: Tree): Tree {
  return mapLeaves(average, (leaf, path, next) => (isStatistic(path) ? (next as Tensor) : leaf), newer);
}
