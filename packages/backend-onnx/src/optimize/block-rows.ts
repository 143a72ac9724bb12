import { GraphBuilder } from "../graph/builder.js";
import { reshape } from "../graph/operations.js";
import type { Node, Value } from "../graph/value.js";
import { dependencies, nodesOf } from "../graph/value.js";
import type { Graph } from "../model/encode-model.js";
import type { Cluster } from "./clusters.js";
import { findClusters } from "./clusters.js";
import { rowSize, rowUses } from "./row-local.js";

/** Elements of the widest tensor of a block: the block's tensors together fit the second-level caches. */
const blockElements = 98_304;
/** Chains on smaller tensors stay in the caches anyway. */
const worthwhileElements = 262_144;

function largestDivisor(count: number, limit: number): number {
  for (let divisor = Math.min(count, Math.max(1, Math.floor(limit))); divisor > 1; divisor--) {
    if (count % divisor === 0) return divisor;
  }
  return 1;
}

/** Rows per block, or undefined if blocks gain nothing. */
function blockRows(cluster: Cluster): number | undefined {
  const width = Math.max(...cluster.nodes.map((node) => rowSize(node.outputs[0]!)));
  if (cluster.nodes.length < 2 || width * cluster.rows < worthwhileElements) return undefined;
  const rows = largestDivisor(cluster.rows, blockElements / width);
  const elements = rows * width;
  // A first axis of prime length would be split into single rows.
  return rows === cluster.rows || elements < blockElements / 8 ? undefined : rows;
}

/**
 * Runs chains of row-wise operators on a few rows at a time, so that intermediate results stay in the caches instead of going
 * through memory once per operator. Each chain becomes the body of a `Scan` over blocks of rows.
 */
export function blockChains(graph: Graph): Graph {
  const nodes = nodesOf(graph.outputs);
  const clusters = findClusters(nodes)
    .map((cluster) => ({ cluster, rows: blockRows(cluster) }))
    .filter((found): found is { cluster: Cluster; rows: number } => found.rows !== undefined);
  const unitOf = new Map<Node, { cluster: Cluster; rows: number }>();
  for (const found of clusters) for (const node of found.cluster.nodes) unitOf.set(node, found);

  const used = new Map<Value, Node[]>();
  for (const node of nodes) {
    for (const input of dependencies(node)) {
      const users = used.get(input);
      if (users === undefined) used.set(input, [node]);
      else users.push(node);
    }
  }
  const results = new Set(graph.outputs);
  const b = new GraphBuilder();
  const rewritten = new Map<Value, Value>();
  const now = (value: Value): Value => rewritten.get(value) ?? value;

  for (const unit of orderUnits(nodes, (node) => unitOf.get(node))) {
    if ("op" in unit) {
      const inputs = unit.inputs.map((input) => (input === null ? null : now(input)));
      const outputs = b.applyMany(unit.op, inputs, unit.outputs, unit.attributes, unit.domain);
      unit.outputs.forEach((output, i) => rewritten.set(output, outputs[i]!));
      continue;
    }
    const members = new Set(unit.cluster.nodes);
    const leaving = unit.cluster.nodes
      .map((node) => node.outputs[0]!)
      .filter((value) => results.has(value) || (used.get(value) ?? []).some((user) => !members.has(user)));
    emitBlocks(b, unit.cluster, unit.rows, leaving, now).forEach((value, i) => rewritten.set(leaving[i]!, value));
  }
  return { inputs: graph.inputs, outputs: graph.outputs.map(now) };
}

type Unit = { readonly cluster: Cluster; readonly rows: number };

/** Nodes and clusters, in topological order. */
function orderUnits(nodes: readonly Node[], unitOf: (node: Node) => Unit | undefined): (Node | Unit)[] {
  const order: (Node | Unit)[] = [];
  const seen = new Set<Node | Unit>();
  const producers = (unit: Node | Unit): (Node | Unit)[] => {
    const members = "op" in unit ? [unit] : unit.cluster.nodes;
    return members.flatMap((node) =>
      dependencies(node).flatMap((value) =>
        value.source.kind === "node" ? [unitOf(value.source.node) ?? value.source.node] : [],
      ),
    );
  };
  const stack: { unit: Node | Unit; next: number; needs: (Node | Unit)[] }[] = [];
  const enter = (unit: Node | Unit): void => {
    if (seen.has(unit)) return;
    seen.add(unit);
    stack.push({ unit, next: 0, needs: producers(unit) });
  };
  for (const node of nodes) {
    enter(unitOf(node) ?? node);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const need = top.needs[top.next++];
      if (need !== undefined) enter(need);
      else {
        order.push(top.unit);
        stack.pop();
      }
    }
  }
  return order;
}

/** Writes a cluster as a `Scan`, and returns its outputs. */
function emitBlocks(
  b: GraphBuilder,
  cluster: Cluster,
  rows: number,
  leaving: readonly Value[],
  now: (value: Value) => Value,
): Value[] {
  const blocks = cluster.rows / rows;
  const body = new GraphBuilder();
  const inside = new Map<Value, Value>();
  const captures = new Set<Value>();
  const scanned: Value[] = [];
  const inputs: Value[] = [];
  const made: Node[] = [];
  const blocked = (value: Value): number[] => [rows, ...value.shape.slice(1)];

  const enter = (value: Value, use: "rows" | "whole"): Value => {
    if (use === "whole") {
      const outer = now(value);
      captures.add(outer);
      return outer;
    }
    const known = inside.get(value);
    if (known !== undefined) return known;
    const input = body.feed(value.type, blocked(value));
    inside.set(value, input);
    inputs.push(input);
    scanned.push(reshape(b, now(value), [blocks, ...blocked(value)]));
    return input;
  };

  for (const node of inOrder(cluster)) {
    const uses = rowUses(node)!;
    const nodeInputs = node.inputs.map((input, i) => enter(input!, uses[i]!));
    const output = node.outputs[0]!;
    const value = body.apply(node.op, nodeInputs, { type: output.type, shape: blocked(output) }, node.attributes);
    if (value.source.kind === "node" && !made.includes(value.source.node)) made.push(value.source.node);
    inside.set(output, value);
  }

  const outputs = leaving.map((value) => inside.get(value)!);
  const scan = b.applyMany(
    "Scan",
    scanned,
    leaving.map((value) => ({ type: value.type, shape: [blocks, ...blocked(value)] })),
    { body: { inputs, nodes: made, outputs, captures: [...captures] }, num_scan_inputs: scanned.length },
  );
  return scan.map((value, i) => reshape(b, value, leaving[i]!.shape));
}

/** The cluster's nodes, in topological order. */
function inOrder(cluster: Cluster): Node[] {
  const members = new Set(cluster.nodes);
  const order: Node[] = [];
  const seen = new Set<Node>();
  const visit = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    for (const value of dependencies(node)) {
      if (value.source.kind === "node" && members.has(value.source.node)) visit(value.source.node);
    }
    order.push(node);
  };
  cluster.nodes.forEach(visit);
  return order;
}
