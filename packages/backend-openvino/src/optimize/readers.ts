import type { Graph, Node, Value } from "@ganymede/backend-onnx/engine";
import { dependencies, nodesOf } from "@ganymede/backend-onnx/engine";

/** Operators that OpenVINO computes in one pass with their neighbours. */
export const elementwise = new Set(
  "Add Sub Mul Div Neg Abs Sqrt Reciprocal Pow Exp Log Erf Tanh Sigmoid Relu LeakyRelu Elu Max Min Clip Where Cast".split(
    " ",
  ),
);

export const isProduct = ({ op }: Node): boolean => op === "MatMul" || op === "FusedMatMul";

export const isProductResult = ({ source }: Value): boolean => source.kind === "node" && isProduct(source.node);

/** What reads a value of a graph: nodes, and null for the graph's results. */
export type Readers = (value: Value) => readonly (Node | null)[];

export function readersOf({ outputs }: Graph): Readers {
  const readers = new Map<Value, (Node | null)[]>();
  const add = (value: Value, reader: Node | null): void => {
    const list = readers.get(value);
    if (list === undefined) readers.set(value, [reader]);
    else list.push(reader);
  };
  for (const node of nodesOf(outputs)) for (const value of dependencies(node)) add(value, node);
  for (const output of outputs) add(output, null);
  return (value) => readers.get(value) ?? [];
}
