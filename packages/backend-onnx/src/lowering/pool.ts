import type { GraphBuilder } from "../graph/builder.js";
import { binary, cast, reshape } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import { sizeOf } from "../graph/value.js";
import type { Geometry } from "./geometry.js";
import { channelsFirst, channelsLast, fit, padAxes, poolGeometry, zeros } from "./geometry.js";
import type { LoweringInput, LoweringTable } from "./lowering.js";
import { attribute } from "./lowering.js";
import { withoutNaN } from "./reduction.js";

/** Elements to add behind the input so that the last window ends where the input does. */
function tail(g: Geometry): number[] {
  return g.input.map((size, i) => Math.max(0, (g.output[i]! - 1) * g.strides[i]! + g.reach[i]! - size - g.before[i]!));
}

/** Elements of the input under each window, of shape `[1, 1, ...output]`. */
function windowCounts(b: GraphBuilder, g: Geometry): Value {
  const along = g.output.map((count, i) =>
    Array.from({ length: count }, (_, position) => {
      const start = position * g.strides[i]! - g.before[i]!;
      const places = Array.from({ length: g.window[i]! }, (_, tap) => start + tap * g.dilations[i]!);
      // A window that lies in the padding alone averages to 0.
      return Math.max(1, places.filter((place) => place >= 0 && place < g.input[i]!).length);
    }),
  );
  const counts = along.reduce((product, next) => product.flatMap((x) => next.map((y) => x * y)), [1]);
  return b.constant("float32", [1, 1, ...g.output], Float32Array.from(counts));
}

interface MaximumOf {
  readonly values: Value;
  /** Places of the maxima in the flattened `[B, C, ...]`. */
  readonly places: Value;
}

/** Largest element under each window of `[B, C, ...]`; of equal ones the first. */
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
    pads: [...g.before, ...tail(g)],
  };
  const [values, places] = b.applyMany("MaxPool", [x], outputs, attributes);
  return { values: values!, places: places! };
}

/** Whether ONNX takes the padding: less than the window on each side. */
function paddingFits(g: Geometry): boolean {
  return [g.before, tail(g)].every((pads) => pads.every((count, i) => count < g.window[i]!));
}

/** The input with its padding written out, for windows that may lie in the padding alone. */
function withPadding(b: GraphBuilder, x: Value, g: Geometry, element: number): { x: Value; g: Geometry } {
  const after = tail(g);
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
  const planes = channelsFirst(b, cast(b, source, "float32"));
  const { x, g } = paddingFits(geometry)
    ? { x: planes, g: geometry }
    : withPadding(b, planes, geometry, Number.NEGATIVE_INFINITY);
  const shape = [g.batch, g.inChannels, ...g.output];
  const attributes = {
    kernel_shape: g.window,
    strides: g.strides,
    dilations: g.dilations,
    pads: [...g.before, ...tail(g)],
  };
  const y = b.apply("MaxPool", [x], { type: "float32", shape }, attributes);
  return cast(b, channelsLast(b, y), source.type);
}

/** Averages count only elements of the input: they are sums over windows by the number of elements under each. */
function averagePool({ b, inputs, attrs }: LoweringInput): Value {
  const source = inputs.x!;
  const geometry = poolGeometry(attrs, source.shape);
  const planes = channelsFirst(b, cast(b, source, "float32"));
  const shape = [geometry.batch, geometry.inChannels, ...geometry.output];
  const attributes = {
    kernel_shape: geometry.window,
    strides: geometry.strides,
    dilations: geometry.dilations,
  };
  if (paddingFits(geometry)) {
    const pads = [...geometry.before, ...tail(geometry)];
    const y = b.apply("AveragePool", [planes], { type: "float32", shape }, { ...attributes, pads });
    return channelsLast(b, y);
  }
  const { x } = withPadding(b, planes, geometry, 0);
  const mean = b.apply("AveragePool", [x], { type: "float32", shape }, attributes);
  const sum = binary(b, "Mul", mean, b.scalar("float32", sizeOf(geometry.window)));
  return channelsLast(b, binary(b, "Div", sum, windowCounts(b, geometry)));
}

/** Each derivative goes to the place of the maximum it belongs to. */
function maxPoolGradient({ b, inputs, attrs }: LoweringInput): Value {
  const [dy, x] = [inputs.dy!, inputs.input!];
  const geometry = poolGeometry(attrs, x.shape);
  const planes = channelsFirst(b, cast(b, x, "float32"));
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
  return channelsLast(b, fit(b, whole, begin, geometry.input));
}

/** The adjoint of the average: every element under a window gets an equal part of the window's derivative. */
function averagePoolGradient({ b, inputs, attrs }: LoweringInput): Value {
  const [dy, x] = [inputs.dy!, inputs.input!];
  const g = poolGeometry(attrs, x.shape);
  const shares = binary(b, "Div", channelsFirst(b, cast(b, dy, "float32")), windowCounts(b, g));
  const single = reshape(b, shares, [g.batch * g.inChannels, 1, ...g.output]);
  const ones = b.fill("float32", [1, 1, ...g.window], 1);
  const full = g.output.map((count, i) => (count - 1) * g.strides[i]! + g.reach[i]!);
  const spread = b.apply(
    "ConvTranspose",
    [single, ones],
    { type: "float32", shape: [g.batch * g.inChannels, 1, ...full] },
    { strides: g.strides, dilations: g.dilations },
  );
  return channelsLast(b, reshape(b, fit(b, spread, g.before, g.input), [g.batch, g.inChannels, ...g.input]));
}

/** Maxima with their places in the flattened `[H, W, C]`, or in `[B, H, W, C]` where asked for. */
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

/** Pools over images and volumes, and their adjoints. */
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
