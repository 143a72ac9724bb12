import { backend_util } from "@tensorflow/tfjs-core";
import type { GraphBuilder } from "../graph/builder.js";
import { expand, slice, transpose } from "../graph/operations.js";
import type { ElementType, Value } from "../graph/value.js";
import type { LoweringInput } from "./lowering.js";
import { attribute } from "./lowering.js";

type Info2D = ReturnType<typeof backend_util.computeConv2DInfo>;
type Info3D = ReturnType<typeof backend_util.computeConv3DInfo>;

/** A sliding window over two or three axes; each list has one number per axis. */
export interface Geometry {
  readonly batch: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly window: readonly number[];
  /** Extent of the window including dilation. */
  readonly reach: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  /** Just enough for the last window. */
  readonly after: readonly number[];
  readonly channelsLast: boolean;
  /** Elements before and after `input` that no window covers. */
  readonly skipped: { readonly front: readonly number[]; readonly back: readonly number[] };
}

/**
 * Pads and crops the input so that ONNX's windows give tfjs's number of outputs: its padding may be negative, and its number of
 * outputs too small or too large for windows that differ between the axes.
 */
function frame(g: Omit<Geometry, "after" | "skipped">): Geometry {
  const rest = g.input.map((size, i) => (g.output[i]! - 1) * g.strides[i]! + g.reach[i]! - size - g.before[i]!);
  const front = g.before.map((count) => Math.max(0, -count));
  // Windows leave less than a stride by themselves.
  const back = rest.map((count, i) => (-count >= g.strides[i]! ? -count : 0));
  return {
    ...g,
    input: g.input.map((size, i) => size - front[i]! - back[i]!),
    before: g.before.map((count) => Math.max(0, count)),
    after: rest.map((count) => Math.max(0, count)),
    skipped: { front, back },
  };
}

/** Margins of the spatial axes, with none for batch and channels. */
function margins(g: Geometry, counts: readonly number[]): number[] {
  return g.channelsLast ? [0, ...counts, 0] : [0, 0, ...counts];
}

/** The part of the input that windows cover. */
export function enter(b: GraphBuilder, x: Value, g: Geometry): Value {
  const [front, back] = [margins(g, g.skipped.front), margins(g, g.skipped.back)];
  return slice(
    b,
    x,
    front,
    x.shape.map((size, axis) => size - front[axis]! - back[axis]!),
  );
}

/** A derivative of the covered part, as one of the whole input. */
export function leave(b: GraphBuilder, dx: Value, g: Geometry): Value {
  return padAxes(b, dx, margins(g, g.skipped.front), margins(g, g.skipped.back), 0);
}

type Attributes = LoweringInput["attrs"];

function fromPlane(info: Info2D): Geometry {
  const { top, left } = info.padInfo;
  return frame({
    batch: info.batchSize,
    inChannels: info.inChannels,
    outChannels: info.outChannels,
    input: [info.inHeight, info.inWidth],
    output: [info.outHeight, info.outWidth],
    window: [info.filterHeight, info.filterWidth],
    reach: [info.effectiveFilterHeight, info.effectiveFilterWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    before: [top, left],
    channelsLast: info.dataFormat === "channelsLast",
  });
}

function fromVolume(info: Info3D): Geometry {
  const { front, top, left } = info.padInfo;
  return frame({
    batch: info.batchSize,
    inChannels: info.inChannels,
    outChannels: info.outChannels,
    input: [info.inDepth, info.inHeight, info.inWidth],
    output: [info.outDepth, info.outHeight, info.outWidth],
    window: [info.filterDepth, info.filterHeight, info.filterWidth],
    reach: [info.effectiveFilterDepth, info.effectiveFilterHeight, info.effectiveFilterWidth],
    strides: [info.strideDepth, info.strideHeight, info.strideWidth],
    dilations: [info.dilationDepth, info.dilationHeight, info.dilationWidth],
    before: [front, top, left],
    channelsLast: true,
  });
}

type Shape4D = [number, number, number, number];
type Shape5D = [number, number, number, number, number];

/** Geometry of a convolution over `[B, H, W, C]`, or `[B, C, H, W]` according to the attributes. */
export function planeConvolution(
  attrs: Attributes,
  xShape: readonly number[],
  filterShape: readonly number[],
  depthwise: boolean,
): Geometry {
  const channelsFirst = !depthwise && attribute<string | undefined>(attrs, "dataFormat") === "NCHW";
  return fromPlane(
    backend_util.computeConv2DInfo(
      xShape as Shape4D,
      filterShape as Shape4D,
      attribute<number>(attrs, "strides"),
      attribute<number | undefined>(attrs, "dilations") ?? 1,
      attribute<number>(attrs, "pad"),
      attribute<"floor" | undefined>(attrs, "dimRoundingMode"),
      depthwise,
      channelsFirst ? "channelsFirst" : "channelsLast",
    ),
  );
}

/** Geometry of a convolution over `[B, D, H, W, C]`. */
export function volumeConvolution(
  attrs: Attributes,
  xShape: readonly number[],
  filterShape: readonly number[],
): Geometry {
  return fromVolume(
    backend_util.computeConv3DInfo(
      xShape as Shape5D,
      filterShape as Shape5D,
      attribute<number>(attrs, "strides"),
      attribute<number | undefined>(attrs, "dilations") ?? 1,
      attribute<"same">(attrs, "pad"),
    ),
  );
}

/** Geometry of pooling over images or volumes, by the rank of the input. */
export function poolGeometry(attrs: Attributes, xShape: readonly number[]): Geometry {
  const size = attribute<number>(attrs, "filterSize");
  const strides = attribute<number>(attrs, "strides");
  const dilations = attribute<number | undefined>(attrs, "dilations") ?? 1;
  const pad = attribute<number>(attrs, "pad");
  const rounding = attribute<"floor" | undefined>(attrs, "dimRoundingMode");
  return xShape.length === 5
    ? fromVolume(backend_util.computePool3DInfo(xShape as Shape5D, size, strides, dilations, pad, rounding))
    : fromPlane(backend_util.computePool2DInfo(xShape as Shape4D, size, strides, dilations, pad, rounding));
}

/** `[B, ..., C]` to `[B, C, ...]`, the only layout of ONNX's convolutions and pooling. */
export function channelsFirst(b: GraphBuilder, x: Value): Value {
  const rank = x.shape.length;
  return transpose(b, x, [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)]);
}

export function channelsLast(b: GraphBuilder, x: Value): Value {
  const rank = x.shape.length;
  return transpose(b, x, [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1]);
}

/** Zeros that are created when the graph runs, so that they take no space in the model. */
export function zeros(b: GraphBuilder, type: ElementType, shape: readonly number[]): Value {
  return expand(b, b.apply("Identity", [b.scalar(type, 0)], { type, shape: [] }), shape);
}

/** Pads every axis with one element. */
export function padAxes(
  b: GraphBuilder,
  x: Value,
  before: readonly number[],
  after: readonly number[],
  element: number,
): Value {
  if ([...before, ...after].every((count) => count === 0)) return x;
  const shape = x.shape.map((size, axis) => size + before[axis]! + after[axis]!);
  const inputs = [x, b.integers([...before, ...after]), b.scalar(x.type, element)];
  return b.apply("Pad", inputs, { type: x.type, shape }, { mode: "constant" });
}

/** Crops `size` elements from `begin` on along the last axes; elements past the end are 0. */
export function fit(b: GraphBuilder, x: Value, begin: readonly number[], size: readonly number[]): Value {
  const lead = x.shape.length - size.length;
  const full = (values: readonly number[], fill: (axis: number) => number): number[] =>
    x.shape.map((_, axis) => (axis < lead ? fill(axis) : values[axis - lead]!));
  const missing = size.map((count, i) => Math.max(0, begin[i]! + count - x.shape[lead + i]!));
  const none = x.shape.map(() => 0);
  const padded = padAxes(
    b,
    x,
    none,
    full(missing, () => 0),
    0,
  );
  return slice(
    b,
    padded,
    full(begin, () => 0),
    full(size, (axis) => x.shape[axis]!),
  );
}
