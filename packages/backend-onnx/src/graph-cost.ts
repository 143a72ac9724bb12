import type { ParamTree } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import type { CompileArgument } from "@ganymede/core/compile";
import * as tf from "@tensorflow/tfjs-core";
import type { Body, Node, Value } from "./graph/value.js";
import { dependencies, isBody, nodesOf, sizeOf } from "./graph/value.js";
import { bytesPerElement } from "./model/element-types.js";
import { optimize } from "./optimize/optimize.js";
import { OnnxBackend } from "./recorder.js";
import { traceGraph } from "./trace-graph.js";

/** Cost of one run of a graph. */
export interface GraphCost {
  /** Floating-point operations of all matrix products and convolutions, 2 per multiply-add; sums and elementwise functions are not counted. */
  readonly flops: number;
  /** Peak memory of all values in bytes, if operators overwrite what is not read again. */
  readonly bytes: number;
}

/** Subgraphs of a loop. */
const bodiesOf = ({ attributes }: Node): Body[] => Object.values(attributes).filter(isBody);

/** Multiply-adds of one operator, of all rounds of a loop, or 0. */
function multiplyAdds(node: Node): number {
  const { op, inputs, outputs, attributes } = node;
  const [x, y] = inputs as readonly [Value, Value];
  const result = sizeOf(outputs[0]!.shape);
  switch (op) {
    case "MatMul":
      return result * x.shape.at(-1)!;
    case "Gemm":
      return result * x.shape[attributes.transA === 1 ? 0 : 1]!;
    case "Scan": {
      const rounds = inputs.at(-1)!.shape[0]!;
      const nodes = bodiesOf(node).flatMap((body) => body.nodes);
      return rounds * nodes.reduce((sum, inner) => sum + multiplyAdds(inner), 0);
    }
    case "FusedMatMul":
      return result * x.shape.at(attributes.transA === 1 ? -2 : -1)!;
    case "Conv":
      return result * sizeOf(y.shape.slice(1));
    case "ConvTranspose":
      return sizeOf(x.shape) * sizeOf(y.shape.slice(1));
    case "Einsum":
      throw new GanymedeError(
        "unsupported",
        "graphCost: Einsum has no count; write the products as tf.matMul or tf.conv2d",
      );
    default:
      return 0;
  }
}

const bytesOf = ({ type, shape }: Value): number => sizeOf(shape) * bytesPerElement[type];

/** The value whose memory this one shares: a reshape copies nothing. */
function ownerOf(value: Value): Value {
  let owner = value;
  while (owner.source.kind === "node" && owner.source.node.op === "Reshape") owner = owner.source.node.inputs[0]!;
  return owner;
}

/** Peak of the bytes alive after any operator: computed, and still to be read or a result. */
function peakBytes(nodes: readonly Node[], results: readonly Value[]): number {
  const lastUse = new Map<Value, number>();
  const constants = new Set<Value>();
  nodes.forEach((node, i) => {
    for (const value of dependencies(node).map(ownerOf)) {
      if (value.source.kind === "constant") constants.add(value);
      lastUse.set(value, i);
    }
  });
  for (const value of results) lastUse.set(ownerOf(value), nodes.length);
  const ends = nodes.map((): Value[] => []);
  for (const [value, last] of lastUse) if (value.source.kind === "node") ends[last]?.push(value);
  const fixed = [...constants].reduce(
    (sum, { source }) => sum + (source.kind === "constant" ? source.data.byteLength : 0),
    0,
  );
  let [alive, peak] = [fixed, fixed];
  nodes.forEach((node, i) => {
    for (const output of node.outputs) if (ownerOf(output) === output && lastUse.has(output)) alive += bytesOf(output);
    for (const value of ends[i]!) alive -= bytesOf(value);
    const inside = bodiesOf(node).map((body) => peakBytes(body.nodes, body.outputs));
    peak = Math.max(peak, alive + Math.max(0, ...inside));
  });
  return peak;
}

/**
 * Cost of a function on this engine, from its compiled graph, without running it.
 *
 * @param fn a function that could be compiled; the current backend must be `onnx`.
 * @param args arguments of the right shapes and types; the values of tensors are ignored.
 * @throws GanymedeError `unsupported` on another backend, and for an operator without a cost model.
 */
export function graphCost<Args extends readonly CompileArgument[]>(
  fn: (...args: Args) => ParamTree,
  ...args: Args
): GraphCost {
  const backend = tf.backend();
  if (!(backend instanceof OnnxBackend)) {
    throw new GanymedeError(
      "unsupported",
      `graphCost: the backend must be onnx, got ${tf.getBackend()}; activate onnxBackend() first`,
    );
  }
  const { inputs, outputs } = optimize(traceGraph(backend, fn, args).graph);
  const nodes = nodesOf(outputs);
  const fed = inputs.reduce((sum, value) => sum + bytesOf(value), 0);
  return {
    flops: nodes.reduce((sum, node) => sum + 2 * multiplyAdds(node), 0),
    bytes: fed + peakBytes(nodes, outputs),
  };
}
