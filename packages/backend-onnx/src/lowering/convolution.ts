import type { GraphBuilder } from "../graph/builder.js";
import { reshape, transpose } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import { filterConvolution, flippedConvolution, hasDenseWindows, hasUnitStrides } from "./dense-adjoints.js";
import type { Geometry } from "./geometry.js";
import { channelsFirst, channelsLast, enter, fit, leave, planeConvolution, volumeConvolution } from "./geometry.js";
import type { LoweringInput, LoweringTable } from "./lowering.js";
import { attribute } from "./lowering.js";

type Kind = "plane" | "depthwise" | "volume";

function geometryOf(
  kind: Kind,
  attrs: LoweringInput["attrs"],
  xShape: readonly number[],
  filterShape: readonly number[],
): Geometry {
  return kind === "volume"
    ? volumeConvolution(attrs, xShape, filterShape)
    : planeConvolution(attrs, xShape, filterShape, kind === "depthwise");
}

const toFirst = (b: GraphBuilder, g: Geometry, x: Value): Value => (g.channelsLast ? channelsFirst(b, x) : x);
const fromFirst = (b: GraphBuilder, g: Geometry, x: Value): Value => (g.channelsLast ? channelsLast(b, x) : x);

/** Filters `[..., in, out]` to `[out, in, ...]`; depthwise, `[h, w, in, m]` to `[in m, 1, h, w]`. */
function toFilter(b: GraphBuilder, filter: Value, kind: Kind): Value {
  const spatial = filter.shape.length - 2;
  const axes = Array.from({ length: spatial }, (_, i) => i);
  if (kind !== "depthwise") return transpose(b, filter, [spatial + 1, spatial, ...axes]);
  const [h, w, channels, multiplier] = filter.shape as [number, number, number, number];
  return reshape(b, transpose(b, filter, [2, 3, 0, 1]), [channels * multiplier, 1, h, w]);
}

const forward =
  (kind: Kind) =>
  ({ b, inputs, attrs }: LoweringInput): Value => {
    const filter = inputs.filter!;
    const g = geometryOf(kind, attrs, inputs.x!.shape, filter.shape);
    const x = enter(b, inputs.x!, g);
    const y = b.apply(
      "Conv",
      [toFirst(b, g, x), toFilter(b, filter, kind)],
      { type: x.type, shape: [g.batch, g.outChannels, ...g.output] },
      {
        strides: g.strides,
        dilations: g.dilations,
        pads: [...g.before, ...g.after],
        group: kind === "depthwise" ? g.inChannels : 1,
      },
    );
    return fromFirst(b, g, y);
  };

/** The adjoint in the images: a transposed convolution, whose output padding covers pixels outside all windows. */
const toInput =
  (kind: Kind) =>
  ({ b, inputs, attrs }: LoweringInput): Value => {
    const [dy, filter] = [inputs.dy!, inputs.filter!];
    const g = geometryOf(kind, attrs, attribute<number[]>(attrs, "inputShape"), filter.shape);
    const missing = g.input.map(
      (size, i) => size + g.before[i]! + g.after[i]! - (g.output[i]! - 1) * g.strides[i]! - g.reach[i]!,
    );
    const sameOutputs = g.output.every((size, i) => size === dy.shape[g.channelsLast ? i + 1 : i + 2]);
    if (kind === "plane" && sameOutputs && hasUnitStrides(g)) {
      return leave(b, flippedConvolution(b, dy, filter, g), g);
    }
    const group = kind === "depthwise" ? g.inChannels : 1;
    // Derivatives beyond the number of outputs have no position in the images.
    const derivatives = fit(
      b,
      toFirst(b, g, dy),
      g.output.map(() => 0),
      g.output,
    );
    const operands = [derivatives, toFilter(b, filter, kind)];
    const common = { strides: g.strides, dilations: g.dilations, group };
    const shape = [g.batch, g.inChannels, ...g.input];
    if (missing.every((count, i) => count >= 0 && count < Math.max(g.strides[i]!, g.dilations[i]!))) {
      const attributes = { ...common, pads: [...g.before, ...g.after], output_padding: missing };
      return leave(b, fromFirst(b, g, b.apply("ConvTranspose", operands, { type: dy.type, shape }, attributes)), g);
    }
    const full = g.output.map((count, i) => (count - 1) * g.strides[i]! + g.reach[i]!);
    const whole = b.apply(
      "ConvTranspose",
      operands,
      { type: dy.type, shape: [g.batch, g.inChannels, ...full] },
      common,
    );
    return leave(b, fromFirst(b, g, fit(b, whole, g.before, g.input)), g);
  };

/**
 * The adjoint in the filters: a convolution over the batch, in which images are filters of each other. Channels become the
 * batch, the batch becomes the channels, and strides become dilations.
 */
const toFilterAdjoint =
  (kind: Kind) =>
  ({ b, inputs, attrs }: LoweringInput): Value => {
    const dy = inputs.dy!;
    const g = geometryOf(kind, attrs, inputs.x!.shape, attribute<number[]>(attrs, "filterShape"));
    const x = enter(b, inputs.x!, g);
    if (kind === "plane" && hasDenseWindows(g)) return filterConvolution(b, x, dy, g);
    const images = swapLeading(b, toFirst(b, g, x)); // [C, B, ...]
    const windows = swapLeading(b, toFirst(b, g, dy)); // [out, B, ...]
    const covered = g.input.map((size, i) => size + g.before[i]! + g.after[i]! - (g.output[i]! - 1) * g.strides[i]!);
    const size = covered.map((count, i) => Math.floor((count - 1) / g.dilations[i]!) + 1);
    const pads = [...g.before, ...g.after];
    const attributes = { strides: g.dilations, dilations: g.strides, pads };
    if (kind !== "depthwise") {
      const shape = [g.inChannels, g.outChannels, ...size];
      const full = b.apply("Conv", [images, windows], { type: x.type, shape }, attributes);
      const cut = fit(
        b,
        full,
        g.window.map(() => 0),
        g.window,
      );
      return transpose(b, cut, [...g.window.map((_, i) => i + 2), 0, 1]);
    }
    // Every channel is a group: [1, C B, H, W] with C groups of B channels; filters [C m, B, h, w].
    const stacked = reshape(b, images, [1, g.inChannels * g.batch, ...g.input]);
    const shape = [1, g.outChannels, ...size];
    const grouped = { ...attributes, group: g.inChannels };
    const full = b.apply("Conv", [stacked, windows], { type: x.type, shape }, grouped);
    const cut = fit(b, full, [0, 0], g.window);
    const filters = reshape(b, cut, [g.inChannels, g.outChannels / g.inChannels, ...g.window]);
    return transpose(b, filters, [2, 3, 0, 1]);
  };

function swapLeading(b: GraphBuilder, x: Value): Value {
  return transpose(b, x, [1, 0, ...x.shape.slice(2).map((_, i) => i + 2)]);
}

/** Convolutions and their adjoints. */
export const convolution: LoweringTable = {
  Conv2D: forward("plane"),
  Conv2DBackpropInput: toInput("plane"),
  Conv2DBackpropFilter: toFilterAdjoint("plane"),
  Conv3D: forward("volume"),
  Conv3DBackpropInputV2: toInput("volume"),
  Conv3DBackpropFilterV2: toFilterAdjoint("volume"),
  DepthwiseConv2dNative: forward("depthwise"),
  DepthwiseConv2dNativeBackpropInput: toInput("depthwise"),
  DepthwiseConv2dNativeBackpropFilter: toFilterAdjoint("depthwise"),
};
