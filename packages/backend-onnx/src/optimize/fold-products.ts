import type { GraphBuilder } from "../graph/builder.js";
import { sameShape, splatOf } from "../graph/builder.js";
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

/** The matrices before a transposition, if the value is just that. */
function untransposed(value: Value): Value | undefined {
  if (value.source.kind !== "node" || value.source.node.op !== "Transpose") return undefined;
  const perm = value.source.node.attributes.perm as readonly number[];
  const last = perm.length - 1;
  const swapsLast = perm.every((axis, i) => axis === (i === last ? last - 1 : i === last - 1 ? last : i));
  return swapsLast ? value.source.node.inputs[0]! : undefined;
}

function foldTransposes(b: GraphBuilder, node: Node, inputs: readonly (Value | null)[]): readonly Value[] | undefined {
  const product = productOf(node, inputs);
  if (product === undefined || !product.x.type.startsWith("float")) return undefined;
  const [x, y] = [untransposed(product.x), untransposed(product.y)];
  if (x === undefined && y === undefined) return undefined;
  const { transX, transY, alpha } = product;
  return [
    matrixProduct(b, x ?? product.x, y ?? product.y, transX !== (x !== undefined), transY !== (y !== undefined), alpha),
  ];
}

/** A matrix before a constant scale, and the scale. */
function unscaled(value: Value): { readonly matrix: Value; readonly scale: number } {
  if (value.source.kind === "node" && value.source.node.op === "Mul") {
    const [first, second] = value.source.node.inputs as [Value, Value];
    const [left, right] = [splatOf(first), splatOf(second)];
    if (right !== undefined && sameShape(first.shape, value.shape)) return { matrix: first, scale: right };
    if (left !== undefined && sameShape(second.shape, value.shape)) return { matrix: second, scale: left };
  }
  return { matrix: value, scale: 1 };
}

/** Weights with a constant scale (equalised learning rate) are read unscaled. */
function foldScaledInputs(
  b: GraphBuilder,
  node: Node,
  inputs: readonly (Value | null)[],
): readonly Value[] | undefined {
  const product = productOf(node, inputs);
  if (product === undefined) return undefined;
  const [x, y] = [unscaled(product.x), unscaled(product.y)];
  if (x.scale === 1 && y.scale === 1) return undefined;
  const { transX, transY, alpha } = product;
  return [matrixProduct(b, x.matrix, y.matrix, transX, transY, alpha * x.scale * y.scale)];
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

/** Products read transposed matrices in place, and scale during multiplication. */
export const foldProducts: Rule = (b, node, inputs, uses) =>
  foldTransposes(b, node, inputs) ?? foldScaledInputs(b, node, inputs) ?? foldScale(b, node, inputs, uses);
