import { backend_util } from "@tensorflow/tfjs-core";
import type { GraphBuilder } from "../graph/builder.js";
import { binary, cast, concat, reduce, reshape, slice } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import { sizeOf } from "../graph/value.js";
import { fit, padAxes, zeros } from "./geometry.js";
import type { LoweringInput, LoweringTable } from "./lowering.js";
import { attribute } from "./lowering.js";

type Info = ReturnType<typeof backend_util.computeDilation2DInfo>;

function infoOf(attrs: LoweringInput["attrs"], x: Value, filter: Value): Info {
  return backend_util.computeDilation2DInfo(
    x.shape as [number, number, number, number],
    filter.shape as [number, number, number],
    attribute<number>(attrs, "strides"),
    attribute<"same">(attrs, "pad"),
    "NHWC",
    attribute<number>(attrs, "dilations"),
  );
}

/** Sum of the input and each element of the filter under every window, `[taps, B, h, w, C]`; -Infinity outside. */
function sums(b: GraphBuilder, x: Value, filter: Value, info: Info): Value {
  const { top, left } = info.padInfo;
  const reach = (out: number, stride: number, window: number): number => (out - 1) * stride + window;
  const [height, width] = [
    reach(info.outHeight, info.strideHeight, info.effectiveFilterHeight),
    reach(info.outWidth, info.strideWidth, info.effectiveFilterWidth),
  ];
  const [bottom, right] = [Math.max(0, height - info.inHeight - top), Math.max(0, width - info.inWidth - left)];
  const source = cast(b, x, "float32");
  const padded = padAxes(b, source, [0, top, left, 0], [0, bottom, right, 0], Number.NEGATIVE_INFINITY);
  const shape = [1, info.batchSize, info.outHeight, info.outWidth, info.inChannels];
  const taps = Array.from({ length: info.filterHeight * info.filterWidth }, (_, tap) => {
    const row = Math.floor(tap / info.filterWidth);
    const column = tap % info.filterWidth;
    const [y, z] = [row * info.dilationHeight, column * info.dilationWidth];
    const under = b.apply(
      "Slice",
      [
        padded,
        b.integers([y, z]),
        b.integers([y + (info.outHeight - 1) * info.strideHeight + 1, z + (info.outWidth - 1) * info.strideWidth + 1]),
        b.integers([1, 2]),
        b.integers([info.strideHeight, info.strideWidth]),
      ],
      { type: "float32", shape: shape.slice(1) },
    );
    const weight = slice(b, cast(b, filter, "float32"), [row, column, 0], [1, 1, info.inChannels]);
    return reshape(b, binary(b, "Add", under, reshape(b, weight, [info.inChannels])), shape);
  });
  return concat(b, taps, 0);
}

/** Greyscale dilation: the largest sum of input and filter under each window. */
function dilation({ b, inputs, attrs }: LoweringInput): Value {
  const [x, filter] = [inputs.x!, inputs.filter!];
  return cast(b, reduce(b, "ReduceMax", sums(b, x, filter, infoOf(attrs, x, filter)), [0], false), x.type);
}

/** Index of the first largest element of the filter for each output, `[b, h, w, C]`. */
function largestTap(b: GraphBuilder, x: Value, filter: Value, info: Info): Value {
  const all = sums(b, x, filter, info);
  return b.apply("ArgMax", [all], { type: "int64", shape: all.shape.slice(1) }, { axis: 0, keepdims: 0 });
}

/** Scatters every derivative to its position in a flat tensor, with addition. */
function scatter(b: GraphBuilder, places: Value, dy: Value, shape: readonly number[]): Value {
  const [count, total] = [sizeOf(places.shape), sizeOf(shape)];
  const flat = b.apply(
    "ScatterElements",
    [zeros(b, "float32", [total]), reshape(b, places, [count]), reshape(b, cast(b, dy, "float32"), [count])],
    { type: "float32", shape: [total] },
    { axis: 0, reduction: "add" },
  );
  return reshape(b, flat, shape);
}

/** A table of numbers that depend on only one axis of `[B, h, w, C]`. */
function along(b: GraphBuilder, axis: number, count: number, number: (i: number) => number): Value {
  const shape = [1, 1, 1, 1].map((one, i) => (i === axis ? count : one));
  return reshape(b, b.integers(Array.from({ length: count }, (_, i) => number(i))), shape);
}

function toInput({ b, inputs, attrs }: LoweringInput): Value {
  const [x, filter, dy] = [inputs.x!, inputs.filter!, inputs.dy!];
  const info = infoOf(attrs, x, filter);
  const { top, left } = info.padInfo;
  const tap = largestTap(b, x, filter, info);
  const whole = (value: number): Value => b.scalar("int64", value);
  const row = binary(b, "Div", tap, whole(info.filterWidth));
  const column = binary(b, "Mod", tap, whole(info.filterWidth));
  // Positions in the padded input, so that none is negative.
  const height = info.inHeight + top + info.effectiveFilterHeight + info.strideHeight;
  const width = info.inWidth + left + info.effectiveFilterWidth + info.strideWidth;
  const y = binary(
    b,
    "Add",
    binary(b, "Mul", row, whole(info.dilationHeight)),
    along(b, 1, info.outHeight, (i) => i * info.strideHeight),
  );
  const z = binary(
    b,
    "Add",
    binary(b, "Mul", column, whole(info.dilationWidth)),
    along(b, 2, info.outWidth, (i) => i * info.strideWidth),
  );
  const batch = along(b, 0, info.batchSize, (i) => i * height);
  const line = binary(b, "Add", binary(b, "Mul", binary(b, "Add", batch, y), whole(width)), z);
  const place = binary(
    b,
    "Add",
    binary(b, "Mul", line, whole(info.inChannels)),
    along(b, 3, info.inChannels, (i) => i),
  );
  const full = scatter(b, place, dy, [info.batchSize, height, width, info.inChannels]);
  const cut = fit(b, full, [0, top, left, 0], x.shape);
  return cast(b, cut, x.type);
}

function toFilter({ b, inputs, attrs }: LoweringInput): Value {
  const [x, filter, dy] = [inputs.x!, inputs.filter!, inputs.dy!];
  const info = infoOf(attrs, x, filter);
  const tap = largestTap(b, x, filter, info);
  const place = binary(
    b,
    "Add",
    binary(b, "Mul", tap, b.scalar("int64", info.inChannels)),
    along(b, 3, info.inChannels, (i) => i),
  );
  return cast(b, scatter(b, place, dy, filter.shape), filter.type);
}

export const dilations: LoweringTable = {
  Dilation2D: dilation,
  Dilation2DBackpropInput: toInput,
  Dilation2DBackpropFilter: toFilter,
};
