import { backend_util } from "@tensorflow/tfjs-core";
import type { GraphBuilder } from "../graph/builder.js";
import { binary, cast, expand, reshape, slice } from "../graph/operations.js";
import type { ElementType, Value } from "../graph/value.js";
import { sizeOf } from "../graph/value.js";
import { zeros } from "./geometry.js";
import type { LoweringInput, LoweringTable } from "./lowering.js";
import { attribute } from "./lowering.js";

/** Writes rows of updates into a tensor at the given indices; an update of one element is broadcast. */
function scatterInto(b: GraphBuilder, target: Value, indices: Value, updates: Value, reduction: "none" | "add"): Value {
  const { sliceRank, numUpdates } = backend_util.calculateShapes(
    { shape: [...updates.shape], rank: updates.shape.length } as never,
    { shape: [...indices.shape], rank: indices.shape.length } as never,
    [...target.shape],
  );
  if (sizeOf(target.shape) === 0 || numUpdates === 0) return target;
  const rows = reshape(b, cast(b, indices, "int64"), [numUpdates, sliceRank]);
  const shape = [numUpdates, ...target.shape.slice(sliceRank)];
  const filled = sizeOf(updates.shape) === sizeOf(shape) ? reshape(b, updates, shape) : expand(b, updates, shape);
  return b.apply("ScatterND", [target, rows, filled], { type: target.type, shape: target.shape }, { reduction });
}

/** ONNX Runtime scatters numbers but not booleans with a reduction. */
function asNumbers(b: GraphBuilder, x: Value): Value {
  return x.type === "bool" ? cast(b, x, "int32") : x;
}

function scatterNd({ b, inputs, attrs }: LoweringInput): Value {
  const updates = asNumbers(b, inputs.updates!);
  const target = zeros(b, updates.type, attribute<number[]>(attrs, "shape"));
  return cast(b, scatterInto(b, target, inputs.indices!, updates, "add"), inputs.updates!.type);
}

function tensorScatterUpdate({ b, inputs }: LoweringInput): Value {
  return scatterInto(b, inputs.tensor!, inputs.indices!, inputs.updates!, "none");
}

function sparseToDense({ b, inputs, attrs }: LoweringInput): Value {
  const { sparseIndices, sparseValues, defaultValue } = inputs;
  const fill = cast(b, defaultValue!, sparseValues!.type);
  const background = b.apply("Identity", [fill], { type: fill.type, shape: fill.shape });
  const target = expand(b, background, attribute<number[]>(attrs, "outputShape"));
  return scatterInto(b, target, sparseIndices!, sparseValues!, "none");
}

/** Weighted or unweighted histogram of x, row by row; numbers beyond the last bin are dropped. */
function countBins(b: GraphBuilder, x: Value, weights: Value, size: number, binary01: boolean): Value {
  const rows = x.shape.length === 2 ? x.shape[0]! : 1;
  const columns = sizeOf(x.shape) / Math.max(1, rows);
  const type: ElementType = weights.type;
  const grid = [rows, columns];
  const output = [...x.shape.slice(0, -1), size];
  if (sizeOf(grid) === 0) return zeros(b, type, output);
  const bins = binary(b, "Min", reshape(b, cast(b, x, "int64"), grid), b.scalar("int64", size));
  const ones = expand(b, b.apply("Identity", [b.scalar(type, 1)], { type, shape: [] }), grid);
  const updates = binary01 || sizeOf(weights.shape) === 0 ? ones : reshape(b, weights, grid);
  const counted = b.apply(
    "ScatterElements",
    [zeros(b, type, [rows, size + 1]), bins, updates],
    { type, shape: [rows, size + 1] },
    { axis: 1, reduction: binary01 ? "none" : "add" },
  );
  return reshape(b, slice(b, counted, [0, 0], [rows, size]), output);
}

function bincount({ b, inputs, attrs }: LoweringInput): Value {
  const x = reshape(b, inputs.x!, [sizeOf(inputs.x!.shape)]);
  return countBins(b, x, inputs.weights!, attribute<number>(attrs, "size"), false);
}

function denseBincount({ b, inputs, attrs }: LoweringInput): Value {
  const only = attribute<boolean | undefined>(attrs, "binaryOutput") ?? false;
  return countBins(
    b,
    inputs.x!,
    inputs.weights!,
    attribute<number>(attrs, "size"),
    only && inputs.x!.shape.length === 2,
  );
}

/** Number of sorted values of a row that are before each value. */
function searchSorted({ b, inputs, attrs }: LoweringInput): Value {
  const [sorted, values] = [inputs.sortedSequence!, inputs.values!];
  const [rows, count] = sorted.shape as [number, number];
  const column = reshape(b, values, [...values.shape, 1]);
  const line = reshape(b, sorted, [rows, 1, count]);
  const op = attribute<string>(attrs, "side") === "left" ? "Less" : "LessOrEqual";
  const before = cast(b, binary(b, op, line, column, "bool"), "int32");
  return b.apply("ReduceSum", [before, b.integers([2])], { type: "int32", shape: values.shape }, { keepdims: 0 });
}

/** Kernels that scatter or count. */
export const scattering: LoweringTable = {
  ScatterNd: scatterNd,
  TensorScatterUpdate: tensorScatterUpdate,
  SparseToDense: sparseToDense,
  Bincount: bincount,
  DenseBincount: denseBincount,
  SearchSorted: searchSorted,
};
