import type { Reduction } from "../graph/operations.js";
import { binary, cast, reduce, reshape, transpose } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
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

/** Truth over axes, as extremes of zeros and ones. */
const truth =
  (op: Reduction) =>
  (input: LoweringInput): Value =>
    cast(input.b, over(op)(input), "bool");

const arg =
  (op: "ArgMax" | "ArgMin") =>
  ({ b, inputs, attrs }: LoweringInput): Value => {
    const x = inputs.x!;
    const axis = axesOf(attribute<number>(attrs, "axis"), x.shape.length)[0]!;
    const shape = x.shape.filter((_, i) => i !== axis);
    return cast(b, b.apply(op, [x], { type: "int64", shape }, { axis, keepdims: 0 }), "int32");
  };

/** Softmax along the last axis. */
const softmax =
  (op: "Softmax" | "LogSoftmax", name: string) =>
  ({ b, inputs, attrs }: LoweringInput): Value => {
    const x = inputs.logits!;
    const axis = axesOf(attribute<number | undefined>(attrs, name) ?? -1, x.shape.length)[0]!;
    return b.apply(op, [x], { type: x.type, shape: x.shape }, { axis });
  };

function cumulativeSum({ b, inputs, attrs }: LoweringInput): Value {
  const x = inputs.x!;
  const axis = axesOf(attribute<number>(attrs, "axis"), x.shape.length)[0]!;
  const flags = {
    exclusive: attribute<boolean>(attrs, "exclusive") ? 1 : 0,
    reverse: attribute<boolean>(attrs, "reverse") ? 1 : 0,
  };
  return b.apply("CumSum", [x, b.scalar("int64", axis)], { type: x.type, shape: x.shape }, flags);
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

/** Rows of one segment are added up: a one-hot matrix of the ids times the rows. */
function unsortedSegmentSum({ b, inputs, attrs }: LoweringInput): Value {
  const [x, ids] = [inputs.x!, inputs.segmentIds!];
  const segments = attribute<number>(attrs, "numSegments");
  const rows = x.shape[0]!;
  const rest = x.shape.slice(1);
  const width = rest.reduce((product, size) => product * size, 1);
  const range = b.constant(
    "int32",
    [segments, 1],
    Int32Array.from({ length: segments }, (_, i) => i),
  );
  const places = cast(b, binary(b, "Equal", range, reshape(b, cast(b, ids, "int32"), [1, rows]), "bool"), "float32");
  const table = reshape(b, cast(b, x, "float32"), [rows, width]);
  const summed = b.apply("MatMul", [places, table], { type: "float32", shape: [segments, width] });
  return cast(b, reshape(b, summed, [segments, ...rest]), x.type);
}

function meanOf(input: LoweringInput): Value {
  const x = cast(input.b, input.inputs.x!, "float32");
  return over("ReduceMean")({ ...input, inputs: { x } });
}

export const reduction: LoweringTable = {
  Sum: over("ReduceSum"),
  Mean: meanOf,
  Max: over("ReduceMax", "reductionIndices"),
  Min: over("ReduceMin"),
  Prod: over("ReduceProd"),
  All: truth("ReduceMin"),
  Any: truth("ReduceMax"),
  ArgMax: arg("ArgMax"),
  ArgMin: arg("ArgMin"),
  Softmax: softmax("Softmax", "dim"),
  LogSoftmax: softmax("LogSoftmax", "axis"),
  Cumsum: cumulativeSum,
  TopK: topK,
  UnsortedSegmentSum: unsortedSegmentSum,
  Transpose: ({ b, inputs, attrs }) => transpose(b, inputs.x!, attribute<number[]>(attrs, "perm")),
};
