import type { GraphBuilder } from "../graph/builder.js";
import type { Reduction } from "../graph/operations.js";
import { binary, cast, concat, expand, reduce, reshape, slice, transpose, where } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import { zeros } from "./geometry.js";
import type { LoweringInput, LoweringTable } from "./lowering.js";
import { attribute, axesOf } from "./lowering.js";

const over =
  (op: Reduction, name = "axis") =>
  ({ b, inputs, attrs }: LoweringInput): Value => {
    const x = inputs.x!;
    const numbers = x.type === "bool" ? cast(b, x, "int32") : x;
    const axes = axesOf(attribute<number | number[]>(attrs, name), x.shape.length);
    return reduce(b, op, numbers, axes, attribute<boolean | undefined>(attrs, "keepDims") ?? false);
  };

/** Logical reductions as extremes of zeros and ones. Of nothing, all is true and any is false. */
const truth =
  (op: "ReduceMin" | "ReduceMax") =>
  (input: LoweringInput): Value => {
    const found = over(op)(input);
    return input.inputs.x!.shape.includes(0)
      ? input.b.fill("bool", found.shape, op === "ReduceMin" ? 1 : 0)
      : cast(input.b, found, "bool");
  };

/** Maximum or minimum over axes. ONNX Runtime may ignore NaN; tfjs propagates it. */
const extreme =
  (op: "ReduceMax" | "ReduceMin", name = "axis") =>
  (input: LoweringInput): Value => {
    const { b } = input;
    const x = input.inputs.x!;
    const found = over(op, name)(input);
    if (x.type !== "float32" || x.shape.includes(0)) return found;
    const notNumbers = b.apply("IsNaN", [x], { type: "bool", shape: x.shape });
    const flags = over("ReduceMax", name)({ ...input, inputs: { x: cast(b, notNumbers, "float32") } });
    const any = binary(b, "Greater", flags, b.scalar("float32", 0), "bool");
    return where(b, any, b.fill("float32", found.shape, Number.NaN), found);
  };

/** Index of the maximum or minimum, the first of equal ones; NaN is ignored. */
const arg =
  (op: "ArgMax" | "ArgMin") =>
  ({ b, inputs, attrs }: LoweringInput): Value => {
    const x = withoutNaN(b, inputs.x!, op === "ArgMax" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
    const axis = axesOf(attribute<number>(attrs, "axis"), x.shape.length)[0]!;
    const shape = x.shape.filter((_, i) => i !== axis);
    if (x.shape.includes(0)) return b.fill("int32", shape, 0);
    return cast(b, b.apply(op, [x], { type: "int64", shape }, { axis, keepdims: 0 }), "int32");
  };

/** The tensor with NaN replaced by another number. */
export function withoutNaN(b: GraphBuilder, x: Value, instead: number): Value {
  if (x.type !== "float32") return cast(b, x, "int32");
  const notNumbers = b.apply("IsNaN", [x], { type: "bool", shape: x.shape });
  return where(b, notNumbers, b.fill("float32", x.shape, instead), x);
}

/** Softmax along the last axis. */
const softmax =
  (op: "Softmax" | "LogSoftmax", name: string) =>
  ({ b, inputs, attrs }: LoweringInput): Value => {
    const x = inputs.logits!;
    const axis = axesOf(attribute<number | undefined>(attrs, name) ?? -1, x.shape.length)[0]!;
    return b.apply(op, [x], { type: x.type, shape: x.shape }, { axis });
  };

function cumulativeSum({ b, inputs, attrs }: LoweringInput): Value {
  const x = inputs.x!.type === "bool" ? cast(b, inputs.x!, "int32") : inputs.x!;
  if (x.shape.length === 0) return attribute<boolean>(attrs, "exclusive") ? b.scalar(x.type, 0) : x;
  const axis = axesOf(attribute<number>(attrs, "axis"), x.shape.length)[0]!;
  const flags = {
    exclusive: attribute<boolean>(attrs, "exclusive") ? 1 : 0,
    reverse: attribute<boolean>(attrs, "reverse") ? 1 : 0,
  };
  return b.apply("CumSum", [x, b.scalar("int64", axis)], { type: x.type, shape: x.shape }, flags);
}

/** Cumulative products, in rounds of doubling distance (Hillis and Steele 1986). */
function cumulativeProduct({ b, inputs, attrs }: LoweringInput): Value {
  const x = inputs.x!.type === "bool" ? cast(b, inputs.x!, "int32") : inputs.x!;
  if (x.shape.length === 0) return attribute<boolean>(attrs, "exclusive") ? b.scalar(x.type, 1) : x;
  const axis = axesOf(attribute<number>(attrs, "axis"), x.shape.length)[0]!;
  const size = x.shape[axis]!;
  const backwards = attribute<boolean>(attrs, "reverse");
  // Shifts every element away from the start; ones come in.
  const shift = (value: Value, by: number): Value => {
    const part = x.shape.map((full, i) => (i === axis ? size - by : full));
    const begin = x.shape.map((_, i) => (i === axis && backwards ? by : 0));
    const ones = b.fill(
      x.type,
      x.shape.map((full, i) => (i === axis ? by : full)),
      1,
    );
    const kept = slice(b, value, begin, part);
    return concat(b, backwards ? [kept, ones] : [ones, kept], axis);
  };
  let product = attribute<boolean>(attrs, "exclusive") && size > 0 ? shift(x, 1) : x;
  for (let by = 1; by < size; by *= 2) product = binary(b, "Mul", product, shift(product, by));
  return product;
}

function topK({ b, inputs, attrs }: LoweringInput): Value[] {
  const x = inputs.x!;
  const k = attribute<number>(attrs, "k");
  const shape = [...x.shape.slice(0, -1), k];
  const outputs = [
    { type: x.type, shape },
    { type: "int64", shape },
  ] as const;
  const [values, indices] = b.applyMany("TopK", [x, b.integers([k])], outputs, { axis: -1, largest: 1, sorted: 1 });
  return [values!, cast(b, indices!, "int32")];
}

/** Above this many pairs of rows and segments, pairs cost more than adding row by row. */
const manyPairs = 2 ** 18;

/** Sums the rows of each segment; rows with a negative id are dropped. */
function unsortedSegmentSum({ b, inputs, attrs }: LoweringInput): Value {
  const [x, ids] = [inputs.x!, inputs.segmentIds!];
  const segments = attribute<number>(attrs, "numSegments");
  const rows = x.shape[0]!;
  const rest = x.shape.slice(1);
  const width = rest.reduce((product, size) => product * size, 1);
  const table = reshape(b, cast(b, x, "float32"), [rows, width]);
  const summed =
    segments * rows > manyPairs
      ? addRows(b, table, ids, segments)
      : addPairs(b, table, cast(b, ids, "int32"), segments);
  return cast(b, reshape(b, summed, [segments, ...rest]), x.type);
}

/** One-hot ids times rows: parallel, but every segment reads every row. */
function addPairs(b: GraphBuilder, table: Value, ids: Value, segments: number): Value {
  const [rows, width] = table.shape as [number, number];
  const numbers = Int32Array.from({ length: segments }, (_, i) => i);
  const range = b.constant("int32", [segments, 1], numbers);
  const places = cast(b, binary(b, "Equal", range, reshape(b, ids, [1, rows]), "bool"), "float32");
  return b.apply("MatMul", [places, table], { type: "float32", shape: [segments, width] });
}

/** Row by row in order, so that sums are deterministic; a spare segment takes rows of none. */
function addRows(b: GraphBuilder, table: Value, ids: Value, segments: number): Value {
  const [rows, width] = table.shape as [number, number];
  const numbers = cast(b, ids, "int64");
  const none = binary(b, "Less", numbers, b.scalar("int64", 0), "bool");
  const places = where(b, none, b.scalar("int64", segments), numbers);
  const shape = [segments + 1, width];
  const spread = expand(b, reshape(b, places, [rows, 1]), [rows, width]);
  const start = zeros(b, "float32", shape);
  const attributes = { axis: 0, reduction: "add" };
  const summed = b.apply("ScatterElements", [start, spread, table], { type: "float32", shape }, attributes);
  return slice(b, summed, [0, 0], [segments, width]);
}

function meanOf(input: LoweringInput): Value {
  const x = cast(input.b, input.inputs.x!, "float32");
  return over("ReduceMean")({ ...input, inputs: { x } });
}

export const reduction: LoweringTable = {
  Sum: over("ReduceSum"),
  Mean: meanOf,
  Max: extreme("ReduceMax", "reductionIndices"),
  Min: extreme("ReduceMin"),
  Prod: over("ReduceProd"),
  All: truth("ReduceMin"),
  Any: truth("ReduceMax"),
  ArgMax: arg("ArgMax"),
  ArgMin: arg("ArgMin"),
  Softmax: softmax("Softmax", "dim"),
  LogSoftmax: softmax("LogSoftmax", "axis"),
  Cumsum: cumulativeSum,
  Cumprod: cumulativeProduct,
  TopK: topK,
  UnsortedSegmentSum: unsortedSegmentSum,
  Transpose: ({ b, inputs, attrs }) => transpose(b, inputs.x!, attribute<number[]>(attrs, "perm")),
};
