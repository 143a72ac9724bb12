import { backend_util, gather_util, slice_util, util } from "@tensorflow/tfjs-core";
import type { GraphBuilder } from "../graph/builder.js";
import { cast, concat, expand, gather, reshape, slice, transpose, where } from "../graph/operations.js";
import type { ElementType, Value } from "../graph/value.js";
import { sizeOf } from "../graph/value.js";
import type { LoweringInput, LoweringTable } from "./lowering.js";
import { attribute, axesOf } from "./lowering.js";

function reshapeKernel({ b, inputs, attrs }: LoweringInput): Value {
  const x = inputs.x!;
  const asked = attribute<number[]>(attrs, "shape");
  const known = asked.reduce((product, size) => (size === -1 ? product : product * size), 1);
  return reshape(
    b,
    x,
    asked.map((size) => (size === -1 ? sizeOf(x.shape) / known : size)),
  );
}

function expandDims({ b, inputs, attrs }: LoweringInput): Value {
  const x = inputs.input!;
  const dim = attribute<number>(attrs, "dim");
  util.assert(
    dim >= -(x.shape.length + 1) && dim <= x.shape.length,
    () => `expandDims: the axis must be from ${-(x.shape.length + 1)} to ${x.shape.length}, got ${dim}.`,
  );
  const axis = dim < 0 ? x.shape.length + 1 + dim : dim;
  return reshape(b, x, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)]);
}

function sliceKernel({ b, inputs, attrs }: LoweringInput): Value {
  const x = inputs.x!;
  const [begin, size] = slice_util.parseSliceParams(
    { shape: [...x.shape] } as Parameters<typeof slice_util.parseSliceParams>[0],
    attribute<number[]>(attrs, "begin"),
    attribute<number[]>(attrs, "size"),
  ) as [number[], number[]];
  slice_util.assertParamsValid({ shape: x.shape, rank: x.shape.length } as never, begin, size);
  return slice(b, x, begin, size);
}

function stridedSlice({ b, inputs, attrs }: LoweringInput): Value {
  const x = inputs.x!;
  if (x.shape.length === 0) return x;
  const numbers = (name: string): number[] => attribute<number[]>(attrs, name);
  const mask = (name: string): number => attribute<number>(attrs, name);
  const info = slice_util.sliceInfo(
    [...x.shape],
    numbers("begin"),
    numbers("end"),
    numbers("strides"),
    mask("beginMask"),
    mask("endMask"),
    mask("ellipsisMask"),
    mask("newAxisMask"),
    mask("shrinkAxisMask"),
  );
  const axes = x.shape.map((_, axis) => axis);
  // tfjs writes some empty axes as -0.
  const cutShape = slice_util.computeOutShape(info.begin, info.end, info.strides).map((size) => size + 0);
  // An end of -1 with a negative stride means "before the first element", a very negative number in ONNX.
  const ends = info.end.map((end, axis) => (end < 0 && info.strides[axis]! < 0 ? -(2 ** 31) : end));
  const parts = [b.integers(info.begin), b.integers(ends), b.integers(axes), b.integers(info.strides)];
  const cut = b.apply("Slice", [x, ...parts], { type: x.type, shape: cutShape });
  return reshape(
    b,
    cut,
    info.finalShape.map((size) => size + 0),
  );
}

type Paddings = readonly (readonly [number, number])[];

function padWith(b: GraphBuilder, x: Value, paddings: Paddings, mode: string, fill?: Value): Value {
  const shape = x.shape.map((size, axis) => size + paddings[axis]![0] + paddings[axis]![1]);
  if (shape.every((size, axis) => size === x.shape[axis])) return x;
  const margins = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)];
  const inputs = fill === undefined ? [x, b.integers(margins)] : [x, b.integers(margins), fill];
  return b.apply("Pad", inputs, { type: x.type, shape }, { mode });
}

function pad({ b, inputs, attrs }: LoweringInput): Value {
  const x = inputs.x!;
  const fill = b.scalar(x.type, attribute<number>(attrs, "constantValue"));
  return padWith(b, x, attribute<Paddings>(attrs, "paddings"), "constant", fill);
}

/** Symmetric padding repeats the edge, which no mode of ONNX does: a gather of mirrored positions. */
function mirrorPad({ b, inputs, attrs }: LoweringInput): Value {
  const x = inputs.x!;
  const paddings = attribute<Paddings>(attrs, "paddings");
  if (attribute<string>(attrs, "mode") === "reflect") return padWith(b, x, paddings, "reflect");
  return paddings.reduce((padded, [before, after], axis) => {
    const size = x.shape[axis]!;
    const positions = Array.from({ length: before + size + after }, (_, i) => {
      const at = i - before;
      return at < 0 ? -at - 1 : at >= size ? 2 * size - at - 1 : at;
    });
    return before + after === 0 ? padded : gather(b, padded, b.integers(positions), axis);
  }, x);
}

function split({ b, inputs, attrs }: LoweringInput): Value[] {
  const x = inputs.x!;
  const axis = axesOf(attribute<number>(attrs, "axis"), x.shape.length)[0]!;
  const asked = attribute<number | number[]>(attrs, "numOrSizeSplits");
  const sizes = backend_util.prepareSplitSize({ shape: [...x.shape] } as never, asked, axis);
  if (sizes.length === 1) return [x];
  const outputs = sizes.map((size) => ({ type: x.type, shape: x.shape.map((full, i) => (i === axis ? size : full)) }));
  return b.applyMany("Split", [x, b.integers(sizes)], outputs, { axis });
}

function unpack({ b, inputs, attrs }: LoweringInput): Value[] {
  const x = inputs.value!;
  const axis = axesOf(attribute<number>(attrs, "axis"), x.shape.length)[0]!;
  const count = x.shape[axis]!;
  const rest = x.shape.filter((_, i) => i !== axis);
  if (count === 1) return [reshape(b, x, rest)];
  const part = { type: x.type, shape: x.shape.map((full, i) => (i === axis ? 1 : full)) };
  const parts = b.applyMany("Split", [x, b.integers(Array(count).fill(1))], Array(count).fill(part), { axis });
  return parts.map((value) => reshape(b, value, rest));
}

function pack({ b, inputs, attrs }: LoweringInput): Value {
  const values = Object.values(inputs);
  for (const { shape, type } of values) {
    util.assertShapesMatch([...values[0]!.shape], [...shape], "All tensors passed to stack must have matching shapes");
    util.assert(type === values[0]!.type, () => "All tensors passed to stack must have matching dtypes");
  }
  const rank = values[0]!.shape.length + 1;
  const axis = axesOf(attribute<number>(attrs, "axis"), rank)[0]!;
  const shape = [...values[0]!.shape.slice(0, axis), 1, ...values[0]!.shape.slice(axis)];
  return concat(
    b,
    values.map((value) => reshape(b, value, shape)),
    axis,
  );
}

function concatKernel({ b, inputs, attrs }: LoweringInput): Value {
  const values = Object.values(inputs);
  const axis = axesOf(attribute<number>(attrs, "axis"), values[0]!.shape.length)[0]!;
  backend_util.assertParamsConsistent(
    values.map(({ shape }) => [...shape]),
    axis,
  );
  const filled = values.filter((value) => sizeOf(value.shape) > 0);
  if (filled.length > 0) return concat(b, filled, axis);
  const length = values.reduce((sum, value) => sum + value.shape[axis]!, 0);
  return reshape(
    b,
    values[0]!,
    values[0]!.shape.map((size, i) => (i === axis ? length : size)),
  );
}

function tile({ b, inputs, attrs }: LoweringInput): Value {
  const x = inputs.x!;
  const reps = attribute<number[]>(attrs, "reps");
  const shape = x.shape.map((size, axis) => size * reps[axis]!);
  if (x.shape.every((size, axis) => size === 1 || reps[axis] === 1)) return expand(b, x, shape);
  return b.apply("Tile", [x, b.integers(reps)], { type: x.type, shape });
}

function reverse({ b, inputs, attrs }: LoweringInput): Value {
  const x = inputs.x!;
  const axes = util.parseAxisParam(attribute<number | number[]>(attrs, "dims"), [...x.shape]);
  if (axes.length === 0) return x;
  const all = (value: number): Value => b.integers(axes.map(() => value));
  return b.apply("Slice", [x, all(-1), all(-(2 ** 31)), b.integers(axes), all(-1)], { type: x.type, shape: x.shape });
}

function gatherV2({ b, inputs, attrs }: LoweringInput): Value {
  const [x, indices] = [inputs.x!, inputs.indices!];
  const axis = axesOf(attribute<number>(attrs, "axis"), x.shape.length)[0]!;
  const asked = attribute<number | undefined>(attrs, "batchDims") ?? 0;
  const batchDims = asked < 0 ? indices.shape.length + asked : asked;
  const tensor = ({ shape }: Value) => ({ shape: [...shape], rank: shape.length }) as never;
  backend_util.segment_util.collectGatherOpShapeInfo(tensor(x), tensor(indices), axis, batchDims);
  if (batchDims === 0) return gather(b, x, cast(b, indices, "int32"), axis);
  return batchedGather(b, x, indices, axis, batchDims);
}

/** Gathers within each batch: adds the batch's offset to its indices in a table of all rows. */
function batchedGather(b: GraphBuilder, x: Value, indices: Value, axis: number, batchDims: number): Value {
  const batch = x.shape.slice(0, batchDims);
  const between = x.shape.slice(batchDims, axis);
  const after = x.shape.slice(axis + 1);
  const count = x.shape[axis]!;
  const order = [
    ...batch.map((_, i) => i),
    axis,
    ...between.map((_, i) => batchDims + i),
    ...after.map((_, i) => axis + 1 + i),
  ];
  const rows = reshape(b, transpose(b, x, order), [sizeOf(batch) * count, ...between, ...after]);
  const picked = indices.shape.slice(batchDims);
  const offsets = b.constant(
    "int32",
    [sizeOf(batch), 1],
    Int32Array.from({ length: sizeOf(batch) }, (_, i) => i * count),
  );
  const flat = reshape(b, cast(b, indices, "int32"), [sizeOf(batch), sizeOf(picked)]);
  const table = gather(b, rows, b.apply("Add", [flat, offsets], { type: "int32", shape: flat.shape }), 0);
  const gathered = reshape(b, table, [...batch, ...picked, ...between, ...after]);
  const [p, q] = [picked.length, between.length];
  const back = [
    ...batch.map((_, i) => i),
    ...between.map((_, i) => batchDims + p + i),
    ...picked.map((_, i) => batchDims + i),
    ...after.map((_, i) => batchDims + p + q + i),
  ];
  return transpose(b, gathered, back);
}

function gatherNd({ b, inputs }: LoweringInput): Value {
  const [x, indices] = [inputs.params!, inputs.indices!];
  const tensor = ({ shape, type }: Value) => ({ shape: [...shape], rank: shape.length, dtype: type }) as never;
  gather_util.prepareAndValidate(tensor(x), tensor(indices));
  const depth = indices.shape[indices.shape.length - 1]!;
  const shape = [...indices.shape.slice(0, -1), ...x.shape.slice(depth)];
  return b.apply("GatherND", [x, cast(b, indices, "int64")], { type: x.type, shape });
}

function oneHot({ b, inputs, attrs }: LoweringInput): Value {
  const indices = inputs.indices!;
  const depth = attribute<number>(attrs, "depth");
  const type = (attribute<string>(attrs, "dtype") ?? "float32") as ElementType;
  const range = b.constant(
    "int32",
    [depth],
    Int32Array.from({ length: depth }, (_, i) => i),
  );
  const column = reshape(b, cast(b, indices, "int32"), [...indices.shape, 1]);
  const shape = [...indices.shape, depth];
  const hit = b.apply("Equal", [column, range], { type: "bool", shape });
  const [on, off] = [attribute<number>(attrs, "onValue") ?? 1, attribute<number>(attrs, "offValue") ?? 0];
  if (on === 1 && off === 0) return cast(b, hit, type);
  return b.apply("Where", [hit, b.scalar(type, on), b.scalar(type, off)], { type, shape });
}

/** `[B, H, W, r r C]` to `[B, H r, W r, C]`. */
function depthToSpace({ b, inputs, attrs }: LoweringInput): Value {
  const x = inputs.x!;
  const r = attribute<number>(attrs, "blockSize");
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const blocks = reshape(b, x, [n, h, w, r, r, c / (r * r)]);
  return reshape(b, transpose(b, blocks, [0, 1, 3, 2, 4, 5]), [n, h * r, w * r, c / (r * r)]);
}

function batchToSpace({ b, inputs, attrs }: LoweringInput): Value {
  const x = inputs.x!;
  const block = attribute<number[]>(attrs, "blockShape");
  const crops = attribute<number[][]>(attrs, "crops");
  const prod = sizeOf(block);
  const reshaped = backend_util.getReshaped([...x.shape], block, prod);
  const permuted = backend_util.getPermuted(reshaped.length, block.length);
  const flat = backend_util.getReshapedPermuted([...x.shape], block, prod);
  const begin = flat.map((_, axis) => crops[axis - 1]?.[0] ?? 0);
  const size = flat.map((full, axis) => full - begin[axis]! - (crops[axis - 1]?.[1] ?? 0));
  return slice(b, reshape(b, transpose(b, reshape(b, x, reshaped), permuted), flat), begin, size);
}

function spaceToBatch({ b, inputs, attrs }: LoweringInput): Value {
  const x = inputs.x!;
  const block = attribute<number[]>(attrs, "blockShape");
  const margins = attribute<[number, number][]>(attrs, "paddings");
  const rest = x.shape.length - 1 - block.length;
  const paddings: [number, number][] = [
    [0, 0],
    ...margins,
    ...Array.from({ length: rest }, (): [number, number] => [0, 0]),
  ];
  const padded = padWith(b, x, paddings, "constant", b.scalar(x.type, 0));
  const reshaped = backend_util.getReshaped([...padded.shape], block, sizeOf(block), false);
  const permuted = backend_util.getPermuted(reshaped.length, block.length, false);
  const flat = backend_util.getReshapedPermuted([...padded.shape], block, sizeOf(block), false);
  return reshape(b, transpose(b, reshape(b, padded, reshaped), permuted), flat);
}

/** The diagonal of a matrix whose axes are the tensor's own, twice. */
function diagonal({ b, inputs }: LoweringInput): Value {
  const x = inputs.x!;
  const size = sizeOf(x.shape);
  const numbers = b.integers(Array.from({ length: size }, (_, i) => i));
  const shape = [size, size];
  const hit = b.apply("Equal", [reshape(b, numbers, [size, 1]), numbers], { type: "bool", shape });
  const rows = expand(b, reshape(b, x, [size, 1]), shape);
  return reshape(b, where(b, hit, rows, b.fill(x.type, shape, 0)), [...x.shape, ...x.shape]);
}

function fill({ b, attrs }: LoweringInput): Value {
  const type = (attribute<string | undefined>(attrs, "dtype") ?? "float32") as ElementType;
  return b.fill(type, attribute<number[]>(attrs, "shape"), Number(attribute<number | boolean>(attrs, "value")));
}

function range({ b, attrs }: LoweringInput): Value {
  const number = (name: string): number => attribute<number>(attrs, name);
  const [start, stop, asked] = [number("start"), number("stop"), number("step")];
  // Downwards, a step of 1 means -1.
  const step = stop < start && asked === 1 ? -1 : asked;
  const length = Math.max(0, Math.ceil((stop - start) / step));
  const values = Array.from({ length }, (_, i) => start + i * step);
  return attribute<string>(attrs, "dtype") === "int32"
    ? b.constant("int32", [length], Int32Array.from(values))
    : b.constant("float32", [length], Float32Array.from(values));
}

function linearSpace({ b, attrs }: LoweringInput): Value {
  const [start, stop, num] = ["start", "stop", "num"].map((name) => attribute<number>(attrs, name)) as [
    number,
    number,
    number,
  ];
  const width = num > 1 ? (stop - start) / (num - 1) : 0;
  return b.constant(
    "float32",
    [num],
    Float32Array.from({ length: num }, (_, i) => start + i * width),
  );
}

/** Kernels that move, repeat or select elements. */
export const shape: LoweringTable = {
  Reshape: reshapeKernel,
  ExpandDims: expandDims,
  Slice: sliceKernel,
  StridedSlice: stridedSlice,
  PadV2: pad,
  MirrorPad: mirrorPad,
  SplitV: split,
  Unpack: unpack,
  Pack: pack,
  Concat: concatKernel,
  Tile: tile,
  BroadcastTo: ({ b, inputs, attrs }) => expand(b, inputs.x!, attribute<number[]>(attrs, "shape")),
  Reverse: reverse,
  GatherV2: gatherV2,
  GatherNd: gatherNd,
  OneHot: oneHot,
  DepthToSpace: depthToSpace,
  BatchToSpaceND: batchToSpace,
  SpaceToBatchND: spaceToBatch,
  Diag: diagonal,
  Fill: fill,
  Range: range,
  LinSpace: linearSpace,
};
