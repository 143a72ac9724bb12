import type { GraphBuilder } from "../graph/builder.js";
import { binary, cast, reshape } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import { sizeOf } from "../graph/value.js";
import type { Geometry } from "./geometry.js";
import { channelsFirst, channelsLast, enter, fit, leave, padAxes, poolGeometry, zeros } from "./geometry.js";
import type { LoweringInput, LoweringTable } from "./lowering.js";
import { attribute } from "./lowering.js";
import { withoutNaN } from "./reduction.js";

/** Elements of the input under each window. */
function countsOf(g: Geometry): number[] {
  const along = g.output.map((count, i) =>
    Array.from({ length: count }, (_, position) => {
      const start = position * g.strides[i]! - g.before[i]!;
      const places = Array.from({ length: g.window[i]! }, (_, tap) => start + tap * g.dilations[i]!);
      return places.filter((place) => place >= 0 && place < g.input[i]!).length;
    }),
  );
  return along.reduce((product, next) => product.flatMap((x) => next.map((y) => x * y)), [1]);
}

/** A number per window, of shape `[1, 1, ...output]`. */
function perWindow(b: GraphBuilder, g: Geometry, numbers: readonly number[]): Value {
  return b.constant("float32", [1, 1, ...g.output], Float32Array.from(numbers));
}

/** Divisors of the sums. A window entirely in the padding has no mean over an image, and a mean of 0 over a volume. */
function windowCounts(b: GraphBuilder, g: Geometry): Value {
  const least = g.input.length === 3 ? 1 : 0;
  return perWindow(
    b,
    g,
    countsOf(g).map((count) => Math.max(least, count)),
  );
}

interface MaximumOf {
  readonly values: Value;
  /** Positions of the maxima in the flattened `[B, C, ...]`. */
  readonly places: Value;
}

/** Largest element under each window of `[B, C, ...]`; the first of equal ones. */
function maximum(b: GraphBuilder, x: Value, g: Geometry): MaximumOf {
  const shape = [g.batch, g.inChannels, ...g.output];
  const outputs = [
    { type: x.type, shape },
    { type: "int64", shape },
  ] as const;
  const attributes = {
    kernel_shape: g.window,
    strides: g.strides,
    dilations: g.dilations,
    pads: [...g.before, ...g.after],
  };
  const [values, places] = b.applyMany("MaxPool", [x], outputs, attributes);
  return { values: values!, places: places! };
}

/** Whether ONNX supports the padding: less than the window on each side, and no window entirely in the padding. */
function paddingFits(g: Geometry): boolean {
  const last = g.output.map((count, i) => (count - 1) * g.strides[i]! - g.before[i]!);
  if (last.some((start, i) => start >= g.input[i]!)) return false;
  return [g.before, g.after].every((pads) => pads.every((count, i) => count < g.window[i]!));
}

/** The explicitly padded input, for windows that may lie entirely in the padding. */
function withPadding(b: GraphBuilder, x: Value, g: Geometry, element: number): { x: Value; g: Geometry } {
  const { after } = g;
  const none = g.before.map(() => 0);
  const input = g.input.map((size, i) => size + g.before[i]! + after[i]!);
  return {
    x: padAxes(b, x, [0, 0, ...g.before], [0, 0, ...after], element),
    g: { ...g, input, before: none, after: none },
  };
}

function maxPool({ b, inputs, attrs }: LoweringInput): Value {
  const source = inputs.x!;
  const geometry = poolGeometry(attrs, source.shape);
  const planes = channelsFirst(b, cast(b, enter(b, source, geometry), "float32"));
  const { x, g } = paddingFits(geometry)
    ? { x: planes, g: geometry }
    : withPadding(b, planes, geometry, Number.NEGATIVE_INFINITY);
  const shape = [g.batch, g.inChannels, ...g.output];
  const attributes = {
    kernel_shape: g.window,
    strides: g.strides,
    dilations: g.dilations,
    pads: [...g.before, ...g.after],
  };
  const y = b.apply("MaxPool", [x], { type: "float32", shape }, attributes);
  return cast(b, channelsLast(b, withoutEmptyWindows(b, y, geometry)), source.type);
}

/** The maximum of nothing is -Infinity; the engine gives the smallest number. */
function withoutEmptyWindows(b: GraphBuilder, y: Value, g: Geometry): Value {
  const offsets = countsOf(g).map((count) => (count === 0 ? Number.NEGATIVE_INFINITY : 0));
  return offsets.every((offset) => offset === 0) ? y : binary(b, "Add", y, perWindow(b, g, offsets));
}

/** Averages count only elements of the input: sums over windows divided by the number of elements under each. */
function averagePool({ b, inputs, attrs }: LoweringInput): Value {
  const source = inputs.x!;
  const geometry = poolGeometry(attrs, source.shape);
  const planes = channelsFirst(b, cast(b, enter(b, source, geometry), "float32"));
  const shape = [geometry.batch, geometry.inChannels, ...geometry.output];
  const attributes = {
    kernel_shape: geometry.window,
    strides: geometry.strides,
    dilations: geometry.dilations,
  };
  if (paddingFits(geometry)) {
    const pads = [...geometry.before, ...geometry.after];
    const y = b.apply("AveragePool", [planes], { type: "float32", shape }, { ...attributes, pads });
    return channelsLast(b, y);
  }
  const { x } = withPadding(b, planes, geometry, 0);
  const mean = b.apply("AveragePool", [x], { type: "float32", shape }, attributes);
  const sum = binary(b, "Mul", mean, b.scalar("float32", sizeOf(geometry.window)));
  return channelsLast(b, binary(b, "Div", sum, windowCounts(b, geometry)));
}

/** Scatters each derivative to the position of its maximum. */
function maxPoolGradient({ b, inputs, attrs }: LoweringInput): Value {
  const [dy, x] = [inputs.dy!, inputs.input!];
  const geometry = poolGeometry(attrs, x.shape);
  const planes = channelsFirst(b, cast(b, enter(b, x, geometry), "float32"));
  const { x: padded, g } = paddingFits(geometry)
    ? { x: planes, g: geometry }
    : withPadding(b, planes, geometry, Number.NEGATIVE_INFINITY);
  const { places } = maximum(b, padded, g);
  const count = sizeOf(padded.shape);
  const outputs = sizeOf(places.shape);
  const flat = b.apply(
    "ScatterElements",
    [
      zeros(b, "float32", [count]),
      reshape(b, places, [outputs]),
      reshape(b, channelsFirst(b, cast(b, dy, "float32")), [outputs]),
    ],
    { type: "float32", shape: [count] },
    { axis: 0, reduction: "add" },
  );
  const whole = reshape(b, flat, padded.shape);
  const begin = padded === planes ? g.input.map(() => 0) : geometry.before;
  return leave(b, channelsLast(b, fit(b, whole, begin, geometry.input)), geometry);
}

/** The adjoint of average pooling: every element under a window gets an equal part of the window's derivative. */
function averagePoolGradient({ b, inputs, attrs }: LoweringInput): Value {
  const [dy, x] = [inputs.dy!, inputs.input!];
  const g = poolGeometry(attrs, x.shape);
  const counts = binary(b, "Max", windowCounts(b, g), b.scalar("float32", 1));
  const shares = binary(b, "Div", channelsFirst(b, cast(b, dy, "float32")), counts);
  const single = reshape(b, shares, [g.batch * g.inChannels, 1, ...g.output]);
  const ones = b.fill("float32", [1, 1, ...g.window], 1);
  const full = g.output.map((count, i) => (count - 1) * g.strides[i]! + g.reach[i]!);
  const spread = b.apply(
    "ConvTranspose",
    [single, ones],
    { type: "float32", shape: [g.batch * g.inChannels, 1, ...full] },
    { strides: g.strides, dilations: g.dilations },
  );
  const dx = reshape(b, fit(b, spread, g.before, g.input), [g.batch, g.inChannels, ...g.input]);
  return leave(b, channelsLast(b, dx), g);
}

/** Maxima with their positions in the flattened `[H, W, C]`, or optionally in `[B, H, W, C]`. */
function maxPoolWithPlaces({ b, inputs, attrs }: LoweringInput): Value[] {
  const x = inputs.x!;
  const g = poolGeometry(attrs, x.shape);
  const planes = channelsFirst(b, cast(b, x, "float32"));
  const { values, places } = maximum(b, withoutNaN(b, planes, Number.NEGATIVE_INFINITY), g);
  const plane = sizeOf(g.input);
  const whole = (op: string, left: Value, right: Value): Value => binary(b, op, left, right);
  const number = (value: number): Value => b.scalar("int64", value);
  // From b C HW + c HW + p to (b HW + p) C + c.
  const image = whole("Div", places, number(plane * g.inChannels));
  const channel = whole("Mod", whole("Div", places, number(plane)), number(g.inChannels));
  const pixel = whole("Mod", places, number(plane));
  const inImage = whole("Add", whole("Mul", pixel, number(g.inChannels)), channel);
  const place = attribute<boolean>(attrs, "includeBatchInIndex")
    ? whole("Add", inImage, whole("Mul", image, number(plane * g.inChannels)))
    : inImage;
  return [cast(b, channelsLast(b, values), x.type), cast(b, channelsLast(b, place), "int32")];
}

/** Pooling over images and volumes, with adjoints. */
export const pool: LoweringTable = {
  MaxPool: maxPool,
  MaxPool3D: maxPool,
  AvgPool: averagePool,
  AvgPool3D: averagePool,
  MaxPoolGrad: maxPoolGradient,
  MaxPool3DGrad: maxPoolGradient,
  AvgPoolGrad: averagePoolGradient,
  AvgPool3DGrad: averagePoolGradient,
  MaxPoolWithArgmax: maxPoolWithPlaces,
};
