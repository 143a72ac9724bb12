import type { GraphBuilder } from "../graph/builder.js";
import { splatOf } from "../graph/builder.js";
import { matrixProduct } from "../graph/operations.js";
import type { Node, Value } from "../graph/value.js";
import type { Rule, UseCount } from "./rewrite.js";

interface Product {
  readonly x: Value;
  readonly y: Value;
  readonly transX: boolean;
  readonly transY: boolean;
  readonly alpha: number;
}

function productOf(node: Node, inputs: readonly (Value | null)[]): Product | undefined {
  const [x, y] = inputs as [Value, Value];
  if (node.op === "MatMul") return { x, y, transX: false, transY: false, alpha: 1 };
  if (node.op !== "FusedMatMul") return undefined;
  const { transA, transB, alpha } = node.attributes as { transA: number; transB: number; alpha: { float: number } };
  return { x, y, transX: transA === 1, transY: transB === 1, alpha: alpha.float };
}

/** The matrices before a transposition of each, where that is all that the value is. */
function untransposed(value: Value): Value | undefined {
  if (value.source.kind !== "node" || value.source.node.op !== "Transpose") return undefined;
  const perm = value.source.node.attributes.perm as readonly number[];
  const last = perm.length - 1;
  const swapsLast = perm.every((axis, i) => axis === (i === last ? last - 1 : i === last - 1 ? last : i));
  return swapsLast ? value.source.node.inputs[0]! : undefined;
}

function foldTransposes(b: GraphBuilder, node: Node, inputs: readonly (Value | null)[]): readonly Value[] | undefined {
  const product = productOf(node, inputs);
  if (product === undefined) return undefined;
  const [x, y] = [untransposed(product.x), untransposed(product.y)];
  if (x === undefined && y === undefined) return undefined;
  const { transX, transY, alpha } = product;
  return [
    matrixProduct(b, x ?? product.x, y ?? product.y, transX !== (x !== undefined), transY !== (y !== undefined), alpha),
  ];
}

function foldScale(
  b: GraphBuilder,
  node: Node,
  inputs: readonly (Value | null)[],
  uses: UseCount,
): readonly Value[] | undefined {
  if (node.op !== "Mul") return undefined;
  for (const side of [0, 1]) {
    const scale = splatOf(inputs[1 - side]!);
    const original = node.inputs[side]!;
    const source = inputs[side]!.source;
    if (scale === undefined || source.kind !== "node" || uses(original) !== 1) continue;
    const product = productOf(source.node, source.node.inputs);
    if (product === undefined || node.outputs[0]!.shape.length !== original.shape.length) continue;
    const { x, y, transX, transY, alpha } = product;
    return [matrixProduct(b, x, y, transX, transY, alpha * scale)];
  }
  return undefined;
}

/** Products read transposed matrices where they lie, and scale while they multiply. */
export const foldProducts: Rule = (b, node, inputs, uses) =>
  foldTransposes(b, node, inputs) ?? foldScale(b, node, inputs, uses);
