import type { Graph, Value } from "@ganymede/backend-onnx/engine";
import { dependencies, GraphBuilder, nodesOf, rewrite, sizeOf } from "@ganymede/backend-onnx/engine";

/** A graph with some of its constants as further inputs, after its own. */
export interface LiftedGraph {
  readonly graph: Graph;
  /** What is fed to the further inputs. */
  readonly constants: readonly Value[];
}

/** The constants that a value is computed from, or null if an input is among what it is computed from. */
function constantsUnder(value: Value, known: Map<Value, ReadonlySet<Value> | null>): ReadonlySet<Value> | null {
  if (value.source.kind === "feed") return null;
  if (value.source.kind === "constant") return new Set([value]);
  return known.get(value) ?? null;
}

/**
 * Makes constants that several products are computed from inputs: OpenVINO keeps a constant matrix packed once, and takes the packed matrix
 * for its transpose too, as where a function and its gradient multiply by one matrix.
 */
export function liftSharedMatrices(graph: Graph): LiftedGraph {
  const known = new Map<Value, ReadonlySet<Value> | null>();
  const uses = new Map<Value, number>();
  for (const node of nodesOf(graph.outputs)) {
    const under = dependencies(node).map((value) => constantsUnder(value, known));
    const all = under.includes(null) ? null : new Set(under.flatMap((constants) => [...constants!]));
    for (const output of node.outputs) known.set(output, all);
    if (node.op !== "MatMul" && node.op !== "FusedMatMul") continue;
    for (const constant of under.flatMap((constants) => [...(constants ?? [])])) {
      if (constant.type === "float32" && sizeOf(constant.shape) > 1) uses.set(constant, (uses.get(constant) ?? 0) + 1);
    }
  }
  const constants = [...uses].filter(([, count]) => count > 1).map(([constant]) => constant);
  const feeds = new Map(constants.map(({ type, shape }, i) => [constants[i]!, new GraphBuilder().feed(type, shape)]));
  const lifted = rewrite(graph, (b, node, inputs) =>
    inputs.some((input) => input !== null && feeds.has(input))
      ? b.applyMany(
          node.op,
          inputs.map((input) => (input === null ? null : (feeds.get(input) ?? input))),
          node.outputs,
          node.attributes,
          node.domain,
        )
      : undefined,
  );
  return { graph: { inputs: [...graph.inputs, ...feeds.values()], outputs: lifted.outputs }, constants };
}
