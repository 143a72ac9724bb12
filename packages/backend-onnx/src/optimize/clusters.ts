import type { Node, Value } from "../graph/value.js";
import { dependencies } from "../graph/value.js";
import { rowUses } from "./row-local.js";

/** Nodes over the same rows that can run as one: no path leaves the cluster and returns. */
export interface Cluster {
  readonly nodes: Node[];
  readonly rows: number;
}

interface Part extends Cluster {
  /** Clusters whose values this one uses directly. */
  readonly direct: Set<Part>;
  /** Clusters that it depends on through nodes outside clusters. */
  readonly through: Set<Part>;
  /** Positions of its first and last node in the order. */
  first: number;
  last: number;
  /** The cluster that this one was merged into. */
  merged: Part | undefined;
}

function current(part: Part): Part {
  let last = part;
  while (last.merged !== undefined) last = last.merged;
  return last;
}

/** Whether a path leads from any of `starts` to `target`. Paths lead backwards in the order, so anything before the target is skipped. */
function reaches(starts: Iterable<Part>, target: Part): boolean {
  const seen = new Set<Part>();
  const stack = [...starts].map(current);
  for (let part = stack.pop(); part !== undefined; part = stack.pop()) {
    if (part === target) return true;
    if (part.last < target.first || seen.has(part)) continue;
    seen.add(part);
    for (const next of part.direct) stack.push(current(next));
    for (const next of part.through) stack.push(current(next));
  }
  return false;
}

/** Whether the two can be merged without a path that leaves them and returns. */
function canMerge(a: Part, b: Part): boolean {
  const outward = (from: Part, to: Part): Part[] => [
    ...from.through,
    ...[...from.direct].filter((next) => current(next) !== to),
  ];
  return !reaches(outward(a, b), b) && !reaches(outward(b, a), a);
}

function merge(into: Part, from: Part): void {
  into.nodes.push(...from.nodes);
  for (const next of from.direct) into.direct.add(next);
  for (const next of from.through) into.through.add(next);
  into.first = Math.min(into.first, from.first);
  into.last = Math.max(into.last, from.last);
  from.merged = into;
  for (const set of [into.direct, into.through]) {
    for (const next of [...set]) if (current(next) === into) set.delete(next);
  }
}

/**
 * Groups row-wise nodes into clusters as large as the order allows.
 *
 * @param nodes nodes in topological order.
 */
export function findClusters(nodes: readonly Node[]): Cluster[] {
  const partOf = new Map<Value, Part>();
  // Clusters that a value outside clusters depends on.
  const behind = new Map<Value, Set<Part>>();
  const parts: Part[] = [];
  for (const [place, node] of nodes.entries()) {
    const uses = rowUses(node);
    const direct = new Set<Part>();
    const through = new Set<Part>();
    dependencies(node).forEach((input, i) => {
      const part = partOf.get(input);
      // Rows can follow rows inside a cluster; a value that every row uses as a whole must be complete before.
      if (part !== undefined) (uses === undefined || uses[i] === "rows" ? direct : through).add(current(part));
      else for (const far of behind.get(input) ?? []) through.add(current(far));
    });
    if (uses === undefined) {
      const all = new Set([...direct, ...through]);
      for (const output of node.outputs) behind.set(output, all);
      continue;
    }
    const rows = node.outputs[0]!.shape[0]!;
    let part: Part = { nodes: [node], rows, direct, through, first: place, last: place, merged: undefined };
    const rowInputs = node.inputs.filter((_, i) => uses[i] === "rows");
    const neighbours = new Set(
      rowInputs
        .map((input) => partOf.get(input!))
        .filter((found) => found !== undefined)
        .map(current),
    );
    for (const neighbour of neighbours) {
      const other = current(neighbour);
      if (other === part || other.rows !== part.rows || !canMerge(other, part)) continue;
      merge(other, part);
      part = other;
    }
    partOf.set(node.outputs[0]!, part);
    parts.push(part);
  }
  return [...new Set(parts.map(current))];
}
