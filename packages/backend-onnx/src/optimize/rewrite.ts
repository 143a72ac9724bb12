import { GraphBuilder } from "../graph/builder.js";
import type { Node, Value } from "../graph/value.js";
import { dependencies, nodesOf } from "../graph/value.js";
import type { Graph } from "../model/encode-model.js";

/** Returns a replacement of a node's outputs, given its rewritten inputs; undefined keeps the node. */
export type Rule = (
  b: GraphBuilder,
  node: Node,
  inputs: readonly (Value | null)[],
  uses: UseCount,
) => readonly Value[] | undefined;

/** Number of nodes and outputs of the original graph that use a value. */
export type UseCount = (value: Value) => number;

export function countUses(graph: Graph, nodes: readonly Node[]): UseCount {
  const counts = new Map<Value, number>();
  const use = (value: Value): void => {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  };
  for (const node of nodes) for (const input of dependencies(node)) use(input);
  for (const output of graph.outputs) use(output);
  return (value) => counts.get(value) ?? 0;
}

/** Rebuilds a graph from its inputs, passing every node through `rule`. Nodes with bodies are kept. */
export function rewrite(graph: Graph, rule: Rule): Graph {
  const b = new GraphBuilder();
  const nodes = nodesOf(graph.outputs);
  const uses = countUses(graph, nodes);
  const rewritten = new Map<Value, Value>();
  const now = (value: Value): Value => rewritten.get(value) ?? value;
  for (const node of nodes) {
    const inputs = node.inputs.map((input) => (input === null ? null : now(input)));
    const outputs =
      rule(b, node, inputs, uses) ?? b.applyMany(node.op, inputs, node.outputs, node.attributes, node.domain);
    node.outputs.forEach((output, i) => rewritten.set(output, outputs[i]!));
  }
  return { inputs: graph.inputs, outputs: graph.outputs.map(now) };
}
