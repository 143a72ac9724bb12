import type { Graph, GraphBuilder, NarrowType, Value } from "@ganymede/backend-onnx/engine";
import { binary, cast, elementsOf, isNarrow, reshape, rewrite, sizeOf } from "@ganymede/backend-onnx/engine";
import type { Readers } from "./readers.js";
import { readersOf } from "./readers.js";

/** The axes of a sum whose rows lie side by side: `[..., N, C]`, summed over the axes that make N. */
interface RowSum {
  readonly stacks: number;
  readonly rows: number;
  readonly columns: number;
}

/** Sums of fewer or shorter rows are too small for a product to be worth its call. */
const leastRows = 16;
const leastColumns = 8;

function rowSum(x: Value, axes: readonly number[]): RowSum | undefined {
  const [first, last] = [Math.min(...axes), Math.max(...axes)];
  if (axes.length !== last - first + 1) return undefined;
  const sizes = (from: number, to?: number): number => sizeOf(x.shape.slice(from, to));
  const sum = { stacks: sizes(0, first), rows: sizes(first, last + 1), columns: sizes(last + 1) };
  return sum.columns >= leastColumns && sum.rows >= leastRows ? sum : undefined;
}

/** A value before reshapes. */
function unshaped(value: Value): Value {
  let base = value;
  while (base.source.kind === "node" && base.source.node.op === "Reshape") base = base.source.node.inputs[0]!;
  return base;
}

/** The narrow type that a value was widened from, or that products read it in, if there is one. */
function narrowTypeOf(x: Value, readers: Readers): NarrowType | undefined {
  const base = unshaped(x);
  const casts = [base.source.kind === "node" ? base.source.node : null, ...readers(base)].filter(
    (node) => node?.op === "Cast",
  );
  return casts.flatMap((node) => [node!.inputs[0]!.type, node!.outputs[0]!.type]).find(isNarrow);
}

/** A value in a narrow type: what it was widened from, if it was. */
function narrowed(b: GraphBuilder, value: Value, type: NarrowType): Value {
  const before = value.source.kind === "node" && value.source.node.op === "Cast" ? value.source.node.inputs[0]! : value;
  return before.type === type ? before : cast(b, value, type);
}

/** `1^T X`: as a product, a sum over rows takes half of the time, and an eleventh in bfloat16. */
function asProduct(b: GraphBuilder, x: Value, { stacks, rows, columns }: RowSum): Value {
  // As most products see it: of a value in two shapes, OpenVINO keeps a copy.
  const stack = stacks === 1 ? [] : [stacks];
  const ones = b.fill(x.type, [...stack.map(() => 1), 1, rows], 1);
  const matrices = reshape(b, x, [...stack, rows, columns]);
  return b.apply("MatMul", [ones, matrices], { type: x.type, shape: [...stack, 1, columns] });
}

/** The value that a node squares, if it does. */
function squared({ source }: Value): Value | undefined {
  if (source.kind !== "node" || source.node.op !== "Mul") return undefined;
  const [x, y] = source.node.inputs;
  return x === y ? x! : undefined;
}

/**
 * Sums that OpenVINO computes faster in another form: over rows, as a product with ones, in the narrow type where products read the summands in
 * it (as the gradient of a bias is summed); and of squares, as the square of a norm, which writes no squares.
 */
export function quickSums(graph: Graph): Graph {
  const readers = readersOf(graph);
  return rewrite(graph, (b, node, inputs, uses) => {
    const [before, now] = [node.inputs[0]!, inputs[0]!];
    if ((node.op !== "ReduceSum" && node.op !== "ReduceMean") || now.type !== "float32") return undefined;
    const output = node.outputs[0]!;
    const count = node.op === "ReduceSum" ? 1 : sizeOf(before.shape) / sizeOf(output.shape);
    const scaled = (sum: Value): Value => binary(b, "Mul", sum, b.scalar("float32", 1 / count));
    const base = squared(now);
    if (base !== undefined && uses(before) === 1) {
      const norm = b.apply("ReduceL2", [base, inputs[1]!], output, node.attributes);
      return [scaled(binary(b, "Mul", norm, norm))];
    }
    const rows = rowSum(before, elementsOf(inputs[1]!)!);
    if (rows === undefined) return undefined;
    const narrow = narrowTypeOf(before, readers);
    const summands = narrow === undefined ? now : narrowed(b, unshaped(now), narrow);
    const sum = cast(b, asProduct(b, summands, rows), "float32");
    return [scaled(reshape(b, sum, output.shape))];
  });
}
