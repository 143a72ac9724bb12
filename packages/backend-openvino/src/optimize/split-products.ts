import type { Graph, GraphBuilder, Node, UseCount, Value } from "@ganymede/backend-onnx/engine";
import { binary, cast, rewrite, sizeOf, splatOf, swapLast } from "@ganymede/backend-onnx/engine";
import { elementwise, readersOf } from "./readers.js";

interface ScaledProduct {
  readonly x: Value;
  readonly y: Value;
  readonly alpha: number;
  /** The product of these matrices, transposed as in the node, without a scale. */
  times(b: GraphBuilder, x: Value, y: Value): Value;
}

function scaledProduct(node: Node, inputs: readonly (Value | null)[]): ScaledProduct | undefined {
  if (node.op !== "FusedMatMul") return undefined;
  const { transA, transB, alpha } = node.attributes as { transA: number; transB: number; alpha: { float: number } };
  const [x, y] = inputs as [Value, Value];
  return {
    x,
    y,
    alpha: alpha.float,
    times(b, left, right) {
      const factors = [transA === 1 ? swapLast(b, left) : left, transB === 1 ? swapLast(b, right) : right];
      return b.apply("MatMul", factors, node.outputs[0]!);
    },
  };
}

/** A scaled value; before a cast to a narrower type, the scale is part of the pass that casts. */
function scaled(b: GraphBuilder, value: Value, scale: number): Value {
  const { source } = value;
  const wide = source.kind === "node" && source.node.op === "Cast" ? source.node.inputs[0]! : value;
  return cast(b, binary(b, "Mul", wide, b.scalar(wide.type, scale)), value.type);
}

/** A cast of a scaled product in a narrow type, which is scaled after it instead. */
function scaledAfter(b: GraphBuilder, node: Node, now: Value, uses: UseCount): readonly Value[] | undefined {
  const [before, output] = [node.inputs[0]!, node.outputs[0]!];
  if (before.source.kind !== "node" || now.source.kind !== "node" || uses(before) !== 1) return undefined;
  const product = scaledProduct(before.source.node, before.source.node.inputs);
  if (product === undefined || now.source.node.op !== "Mul") return undefined;
  const plain = now.source.node.inputs.find((input) => splatOf(input!) === undefined)!;
  return [binary(b, "Mul", cast(b, plain, output.type), b.scalar(output.type, product.alpha))];
}

/**
 * Takes fused products apart: OpenVINO reads `alpha`, even of 1, as a pass over the left matrix, which is often the largest of the three, but
 * reads transposed matrices in place. The scale goes to what is smallest of both matrices and the result, and costs nothing where elementwise
 * operators read the result.
 */
export function splitProducts(graph: Graph): Graph {
  const readers = readersOf(graph);
  return rewrite(graph, (b, node, inputs, uses) => {
    if (node.op === "Cast") return scaledAfter(b, node, inputs[0]!, uses);
    const product = scaledProduct(node, inputs);
    if (product === undefined) return undefined;
    const { x, y, alpha, times } = product;
    const [result] = node.outputs as [Value];
    const free = readers(result).every((reader) => reader !== null && elementwise.has(reader.op));
    const sizes = { result: free ? 0 : sizeOf(result.shape), x: sizeOf(x.shape), y: sizeOf(y.shape) };
    if (sizes.result <= Math.min(sizes.x, sizes.y)) {
      const plain = times(b, x, y);
      return [binary(b, "Mul", plain, b.scalar(plain.type, alpha))];
    }
    return [sizes.x <= sizes.y ? times(b, scaled(b, x, alpha), y) : times(b, x, scaled(b, y, alpha))];
  });
}
