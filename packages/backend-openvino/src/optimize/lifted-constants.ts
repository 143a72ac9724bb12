import type { Graph, Node, Value } from "@ganymede/backend-onnx/engine";
import { dependencies, GraphBuilder, nodesOf, rewrite, sizeOf, splatOf } from "@ganymede/backend-onnx/engine";
import { isProduct, isProductResult } from "./readers.js";

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

/** Constants that more than one product is computed from. */
function sharedMatrices(nodes: readonly Node[]): Value[] {
  const known = new Map<Value, ReadonlySet<Value> | null>();
  const uses = new Map<Value, number>();
  for (const node of nodes) {
    const under = dependencies(node).map((value) => constantsUnder(value, known));
    const all = under.includes(null) ? null : new Set(under.flatMap((constants) => [...constants!]));
    for (const output of node.outputs) known.set(output, all);
    if (!isProduct(node)) continue;
    for (const constant of under.flatMap((constants) => [...(constants ?? [])])) {
      if (constant.type === "float32" && sizeOf(constant.shape) > 1) uses.set(constant, (uses.get(constant) ?? 0) + 1);
    }
  }
  return [...uses].filter(([, count]) => count > 1).map(([constant]) => constant);
}

/** The number that a product is multiplied by in this node, if it is that. */
function scaleOf({ op, inputs }: Node): Value | undefined {
  if (op !== "Mul") return undefined;
  const [x, y] = inputs as [Value, Value];
  const scales = (number: Value, result: Value): boolean => splatOf(number) !== undefined && isProductResult(result);
  return scales(y, x) ? y : scales(x, y) ? x : undefined;
}

/**
 * Makes constants inputs that OpenVINO treats badly: matrices that several products are computed from, because it keeps a constant matrix packed
 * once and takes the packed matrix for its transpose too, as where a function and its gradient multiply by one matrix; and numbers that scale a
 * product's result, because it scales the left matrix by a constant instead, which is often larger.
 */
export function liftConstants(graph: Graph): LiftedGraph {
  const nodes = nodesOf(graph.outputs);
  const matrices = new Set(sharedMatrices(nodes));
  const scales = nodes.flatMap((node) => scaleOf(node) ?? []);
  const constants = [...new Set([...matrices, ...scales])];
  const feeds = new Map(constants.map(({ type, shape }, i) => [constants[i]!, new GraphBuilder().feed(type, shape)]));
  const lifted = rewrite(graph, (b, node, inputs) => {
    const scale = scaleOf(node);
    const isLifted = (input: Value | null): input is Value =>
      input !== null && (matrices.has(input) || input === scale);
    if (!inputs.some(isLifted)) return undefined;
    const fed = inputs.map((input) => (isLifted(input) ? feeds.get(input)! : input));
    return b.applyMany(node.op, fed, node.outputs, node.attributes, node.domain);
  });
  return { graph: { inputs: [...graph.inputs, ...feeds.values()], outputs: lifted.outputs }, constants };
}
