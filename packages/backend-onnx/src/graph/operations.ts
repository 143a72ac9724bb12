import { elementCode } from "../model/element-types.js";
import type { GraphBuilder } from "./builder.js";
import { broadcastShape, sameShape, splatOf } from "./builder.js";
import type { ElementType, Value } from "./value.js";
import { isNarrow, sizeOf } from "./value.js";

/** Operators with rewrites that never hurt: identities are dropped, scalars are folded. */

const scalarBinary: Record<string, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Pow: (a, b) => a ** b,
  Max: Math.max,
  Min: Math.min,
};

const scalarUnary: Record<string, (a: number) => number> = {
  Neg: (a) => -a,
  Exp: Math.exp,
  Log: Math.log,
  Sqrt: Math.sqrt,
  Reciprocal: (a) => 1 / a,
  Abs: Math.abs,
};

/** An elementwise unary operator that keeps the type. */
export function unary(b: GraphBuilder, op: string, x: Value): Value {
  const splat = splatOf(x);
  const folded = scalarUnary[op];
  if (splat !== undefined && folded !== undefined && x.type === "float32")
    return b.fill(x.type, x.shape, folded(splat));
  if (op === "Neg" && x.source.kind === "node" && x.source.node.op === "Neg") return x.source.node.inputs[0]!;
  return b.apply(op, [x], { type: x.type, shape: x.shape });
}

/** The operand, or a scalar for a repeated constant: kernels are fastest with scalars. */
function operand(b: GraphBuilder, value: Value, other: readonly number[], result: readonly number[]): Value {
  if (!sameShape(other, result)) return value;
  const splat = splatOf(value);
  if (splat !== undefined) return b.scalar(value.type, splat);
  // A repetition only for broadcasting is unnecessary.
  if (value.source.kind === "node" && value.source.node.op === "Expand") return value.source.node.inputs[0]!;
  return value;
}

/** Whether `x op element` is `x`. */
function isNeutral(op: string, element: number | undefined, side: "left" | "right"): boolean {
  if (op === "Add") return element === 0;
  if (op === "Mul") return element === 1;
  if (side === "right" && op === "Sub") return element === 0;
  return side === "right" && (op === "Div" || op === "Pow") && element === 1;
}

/** A binary operator with broadcasting. */
export function binary(b: GraphBuilder, op: string, x: Value, y: Value, type: ElementType = x.type): Value {
  const shape = broadcastShape(x.shape, y.shape);
  const [left, right] = [splatOf(x), splatOf(y)];
  const compute = scalarBinary[op];
  if (left !== undefined && right !== undefined && compute !== undefined && x.type === "float32") {
    return b.fill(x.type, shape, compute(left, right));
  }
  if (isNeutral(op, right, "right") && sameShape(x.shape, shape)) return x;
  if (isNeutral(op, left, "left") && sameShape(y.shape, shape)) return y;
  if (op === "Mul" && x.type === "float32") {
    const merged = mergeScale(b, x, right) ?? mergeScale(b, y, left);
    if (merged !== undefined && sameShape(merged.shape, shape)) return merged;
    if (right === -1) return unary(b, "Neg", x);
    if (left === -1) return unary(b, "Neg", y);
  }
  if (op === "Div" && right !== undefined && x.type === "float32")
    return binary(b, "Mul", x, b.scalar(x.type, 1 / right));
  if (op === "Add") {
    if (isNegation(y)) return binary(b, "Sub", x, y.source.node.inputs[0]!);
    if (isNegation(x)) return binary(b, "Sub", y, x.source.node.inputs[0]!);
  }
  if (op === "Sub" && isNegation(y)) return binary(b, "Add", x, y.source.node.inputs[0]!);
  const inputs = [operand(b, x, y.shape, shape), operand(b, y, x.shape, shape)];
  // A fixed order of commutative operands, so that equal expressions are recognised.
  if ((op === "Add" || op === "Mul") && inputs[0]!.id > inputs[1]!.id) inputs.reverse();
  // If both were repeated, the result must be repeated instead.
  const own = broadcastShape(inputs[0]!.shape, inputs[1]!.shape);
  return expand(b, b.apply(op, inputs, { type, shape: own }), shape);
}

type Negation = Value & { source: { kind: "node"; node: { inputs: readonly Value[] } } };

function isNegation(value: Value): value is Negation {
  return value.source.kind === "node" && value.source.node.op === "Neg";
}

/** Rewrites `(x c1) c2` as `x (c1 c2)`. */
function mergeScale(b: GraphBuilder, x: Value, scale: number | undefined): Value | undefined {
  if (scale === undefined || x.source.kind !== "node") return undefined;
  const { op, inputs } = x.source.node;
  if (op === "Neg") return binary(b, "Mul", inputs[0]!, b.scalar(x.type, -scale));
  if (op !== "Mul") return undefined;
  const [first, second] = inputs as [Value, Value];
  const [left, right] = [splatOf(first), splatOf(second)];
  if (right !== undefined) return binary(b, "Mul", first, b.scalar(x.type, right * scale));
  if (left !== undefined) return binary(b, "Mul", second, b.scalar(x.type, left * scale));
  return undefined;
}

/** A tensor in another element type. Constants that repeat one element are converted here and now. */
export function cast(b: GraphBuilder, x: Value, type: ElementType): Value {
  if (x.type === type) return x;
  const splat = splatOf(x);
  if (splat !== undefined) {
    const element = type === "bool" ? Number(splat !== 0) : type.startsWith("float") ? splat : Math.trunc(splat);
    return b.fill(type, x.shape, element);
  }
  return b.apply("Cast", [x], { type, shape: x.shape }, { to: elementCode[type] });
}

/** The same elements, in order, in another shape. */
export function reshape(b: GraphBuilder, x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  if (x.source.kind === "constant") return b.constant(x.type, shape, x.source.data);
  // A computed shape orders the reshape after what it is computed from (`After`).
  const inner = x.source.kind === "node" && x.source.node.op === "Reshape" ? x.source.node.inputs : undefined;
  if (inner?.[1]?.source.kind === "constant") return reshape(b, inner[0]!, shape);
  // Without the attribute, a 0 would mean "unchanged".
  const attributes = shape.includes(0) ? { allowzero: 1 } : {};
  return b.apply("Reshape", [x, b.integers(shape)], { type: x.type, shape }, attributes);
}

export function transpose(b: GraphBuilder, x: Value, perm: readonly number[]): Value {
  const shape = perm.map((axis) => x.shape[axis]!);
  if (perm.every((axis, i) => axis === i)) return x;
  if (splatOf(x) !== undefined && x.source.kind === "constant") return b.constant(x.type, shape, x.source.data);
  // Moving axes of size 1 moves no element.
  const moved = perm.filter((axis) => x.shape[axis] !== 1);
  if (moved.every((axis, i) => i === 0 || axis > moved[i - 1]!)) return reshape(b, x, shape);
  if (x.source.kind === "node" && x.source.node.op === "Transpose") {
    const inner = x.source.node.attributes.perm as readonly number[];
    return transpose(
      b,
      x.source.node.inputs[0]!,
      perm.map((axis) => inner[axis]!),
    );
  }
  return b.apply("Transpose", [x], { type: x.type, shape }, { perm });
}

/** Repeats along axes of size 1 to the given shape. */
export function expand(b: GraphBuilder, x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  const splat = splatOf(x);
  if (splat !== undefined) return b.fill(x.type, shape, splat);
  return b.apply("Expand", [x, b.integers(shape)], { type: x.type, shape });
}

export type Reduction = "ReduceSum" | "ReduceMean" | "ReduceMax" | "ReduceMin" | "ReduceProd";

export function reduce(b: GraphBuilder, op: Reduction, x: Value, axes: readonly number[], keepDims: boolean): Value {
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const shape = keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
  if (axes.every((axis) => x.shape[axis] === 1)) return reshape(b, x, shape);
  const splat = splatOf(x);
  if (splat !== undefined && x.type === "float32" && op !== "ReduceProd") {
    return b.fill(x.type, shape, op === "ReduceSum" ? (splat * sizeOf(x.shape)) / sizeOf(kept) : splat);
  }
  return b.apply(op, [x, b.integers(axes)], { type: x.type, shape }, { keepdims: keepDims ? 1 : 0 });
}

export function slice(b: GraphBuilder, x: Value, begin: readonly number[], size: readonly number[]): Value {
  if (sameShape(x.shape, size)) return x;
  const axes = x.shape.map((_, axis) => axis).filter((axis) => size[axis] !== x.shape[axis]);
  const starts = axes.map((axis) => begin[axis]!);
  const ends = axes.map((axis) => begin[axis]! + size[axis]!);
  const splat = splatOf(x);
  if (splat !== undefined) return b.fill(x.type, size, splat);
  const inputs = [x, b.integers(starts), b.integers(ends), b.integers(axes)];
  return b.apply("Slice", inputs, { type: x.type, shape: size });
}

export function concat(b: GraphBuilder, values: readonly Value[], axis: number): Value {
  if (values.length === 1) return values[0]!;
  const shape = values[0]!.shape.map((size, i) =>
    i === axis ? values.reduce((sum, value) => sum + value.shape[axis]!, 0) : size,
  );
  return b.apply("Concat", values, { type: values[0]!.type, shape }, { axis });
}

/** `yes` where the condition holds, else `no`, with broadcasting. */
export function where(b: GraphBuilder, condition: Value, yes: Value, no: Value): Value {
  const shape = broadcastShape(condition.shape, broadcastShape(yes.shape, no.shape));
  const scalarOr = (value: Value): Value => {
    const splat = splatOf(value);
    return splat === undefined || !sameShape(condition.shape, shape) ? value : b.scalar(value.type, splat);
  };
  // ONNX Runtime selects only between numbers.
  if (yes.type === "bool") {
    const chosen = binary(b, "And", condition, yes);
    return binary(b, "Or", chosen, binary(b, "And", unary(b, "Not", condition), no));
  }
  return b.apply("Where", [condition, scalarOr(yes), scalarOr(no)], { type: yes.type, shape });
}

export function gather(b: GraphBuilder, x: Value, indices: Value, axis: number): Value {
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  return b.apply("Gather", [x, indices], { type: x.type, shape }, { axis });
}

/** `alpha A B` for stacks of matrices, where A is x or its transpose, and likewise B. */
export function matrixProduct(b: GraphBuilder, x: Value, y: Value, transX: boolean, transY: boolean, alpha = 1): Value {
  const [rx, ry] = [x.shape.length, y.shape.length];
  const rows = x.shape[transX ? rx - 1 : rx - 2]!;
  const columns = y.shape[transY ? ry - 2 : ry - 1]!;
  const shape = [...broadcastShape(x.shape.slice(0, -2), y.shape.slice(0, -2)), rows, columns];
  const output = { type: x.type, shape };
  if (!transX && !transY && alpha === 1) return b.apply("MatMul", [x, y], output);
  // The fused product supports only floating-point numbers.
  if (x.type !== "float32" && !isNarrow(x.type)) {
    return b.apply("MatMul", [transX ? swapLast(b, x) : x, transY ? swapLast(b, y) : y], output);
  }
  const attributes = { transA: transX ? 1 : 0, transB: transY ? 1 : 0, alpha: { float: alpha } };
  return b.apply("FusedMatMul", [x, y], output, attributes, "com.microsoft");
}

/** A stack of matrices, each transposed. */
export function swapLast(b: GraphBuilder, x: Value): Value {
  const axes = x.shape.map((_, axis) => axis);
  return transpose(b, x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}
