import { backend_util } from "@tensorflow/tfjs-core";
import type { GraphBuilder } from "../graph/builder.js";
import { reshape, slice, transpose } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import type { LoweringInput, LoweringTable } from "./lowering.js";
import { attribute } from "./lowering.js";

type Info = ReturnType<typeof backend_util.computeConv2DInfo>;

/** Images `[B, H, W, C]` to `[B, C, H, W]`, the only layout of ONNX convolutions, and back. */
const toChannelsFirst = (b: GraphBuilder, x: Value): Value => transpose(b, x, [0, 3, 1, 2]);
const toChannelsLast = (b: GraphBuilder, x: Value): Value => transpose(b, x, [0, 2, 3, 1]);

function convolutionInfo(
  attrs: LoweringInput["attrs"],
  xShape: readonly number[],
  filterShape: readonly number[],
  depthwise: boolean,
): Info {
  return backend_util.computeConv2DInfo(
    xShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    attribute<number>(attrs, "strides"),
    attribute<number>(attrs, "dilations") ?? 1,
    attribute<number>(attrs, "pad"),
    attribute<"floor" | undefined>(attrs, "dimRoundingMode"),
    depthwise,
    "channelsLast",
  );
}

function geometry(info: Info): { strides: number[]; dilations: number[]; pads: number[] } {
  const { top, left, bottom, right } = info.padInfo;
  return {
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    pads: [top, left, bottom, right],
  };
}

/** Filters `[h, w, in, out]` to `[out, in, h, w]`; with one filter per channel, `[h, w, in, m]` to `[in m, 1, h, w]`. */
function toFilter(b: GraphBuilder, filter: Value, depthwise: boolean): Value {
  if (!depthwise) return transpose(b, filter, [3, 2, 0, 1]);
  const [h, w, channels, multiplier] = filter.shape as [number, number, number, number];
  return reshape(b, transpose(b, filter, [2, 3, 0, 1]), [channels * multiplier, 1, h, w]);
}

const forward =
  (depthwise: boolean) =>
  ({ b, inputs, attrs }: LoweringInput): Value => {
    const [x, filter] = [inputs.x!, inputs.filter!];
    const info = convolutionInfo(attrs, x.shape, filter.shape, depthwise);
    const attributes = { ...geometry(info), group: depthwise ? info.inChannels : 1 };
    const shape = [info.batchSize, info.outChannels, info.outHeight, info.outWidth];
    const y = b.apply(
      "Conv",
      [toChannelsFirst(b, x), toFilter(b, filter, depthwise)],
      { type: x.type, shape },
      attributes,
    );
    return toChannelsLast(b, y);
  };

/** The adjoint in the images: a transposed convolution, whose output padding makes up for pixels that no window reached. */
const toInput =
  (depthwise: boolean) =>
  ({ b, inputs, attrs }: LoweringInput): Value => {
    const [dy, filter] = [inputs.dy!, inputs.filter!];
    const xShape = attribute<number[]>(attrs, "inputShape");
    const info = convolutionInfo(attrs, xShape, filter.shape, depthwise);
    const { strides, dilations, pads } = geometry(info);
    const reached = (out: number, stride: number, window: number, before: number, after: number): number =>
      (out - 1) * stride + window - before - after;
    const missing = [
      info.inHeight - reached(info.outHeight, strides[0]!, info.effectiveFilterHeight, pads[0]!, pads[2]!),
      info.inWidth - reached(info.outWidth, strides[1]!, info.effectiveFilterWidth, pads[1]!, pads[3]!),
    ];
    const attributes = { strides, dilations, pads, output_padding: missing, group: depthwise ? info.inChannels : 1 };
    const shape = [info.batchSize, info.inChannels, info.inHeight, info.inWidth];
    const dx = b.apply(
      "ConvTranspose",
      [toChannelsFirst(b, dy), toFilter(b, filter, depthwise)],
      { type: dy.type, shape },
      attributes,
    );
    return toChannelsLast(b, dx);
  };

/**
 * The adjoint in the filters: a convolution over the batch, in which images are filters of each other. Channels become the
 * batch, the batch becomes the channels, and strides become dilations.
 */
function toFilterAdjoint({ b, inputs, attrs }: LoweringInput): Value {
  const [x, dy] = [inputs.x!, inputs.dy!];
  const filterShape = attribute<number[]>(attrs, "filterShape");
  const info = convolutionInfo(attrs, x.shape, filterShape, false);
  const { strides, dilations, pads } = geometry(info);
  const images = transpose(b, x, [3, 0, 1, 2]); // [C, B, H, W]
  const windows = transpose(b, dy, [3, 0, 1, 2]); // [out, B, h, w]
  const covered = (size: number, out: number, stride: number, before: number, after: number): number =>
    size + before + after - (out - 1) * stride;
  const [height, width] = [
    covered(info.inHeight, info.outHeight, strides[0]!, pads[0]!, pads[2]!),
    covered(info.inWidth, info.outWidth, strides[1]!, pads[1]!, pads[3]!),
  ];
  const full = b.apply(
    "Conv",
    [images, windows],
    { type: x.type, shape: [info.inChannels, info.outChannels, height, width] },
    { strides: dilations, dilations: strides, pads },
  );
  const size = [info.inChannels, info.outChannels, info.filterHeight, info.filterWidth];
  return transpose(b, slice(b, full, [0, 0, 0, 0], size), [2, 3, 0, 1]);
}

/** The same with one filter per channel: every channel is a group of its own. */
function toDepthwiseFilterAdjoint({ b, inputs, attrs }: LoweringInput): Value {
  const [x, dy] = [inputs.x!, inputs.dy!];
  const filterShape = attribute<number[]>(attrs, "filterShape") as [number, number, number, number];
  const info = convolutionInfo(attrs, x.shape, filterShape, true);
  const { strides, pads } = geometry(info);
  const [fh, fw, channels, multiplier] = filterShape;
  const batch = info.batchSize;
  // [1, C B, H, W] with C groups of B channels; filters [C m, B, h, w].
  const images = reshape(b, transpose(b, x, [3, 0, 1, 2]), [1, channels * batch, info.inHeight, info.inWidth]);
  const windows = transpose(b, dy, [3, 0, 1, 2]);
  const height = info.inHeight + pads[0]! + pads[2]! - (info.outHeight - 1) * strides[0]!;
  const width = info.inWidth + pads[1]! + pads[3]! - (info.outWidth - 1) * strides[1]!;
  const full = b.apply(
    "Conv",
    [images, windows],
    { type: x.type, shape: [1, channels * multiplier, height, width] },
    { dilations: strides, pads, group: channels },
  );
  const cut = slice(b, full, [0, 0, 0, 0], [1, channels * multiplier, fh, fw]);
  return transpose(b, reshape(b, cut, [channels, multiplier, fh, fw]), [2, 3, 0, 1]);
}

/** Convolutions and their adjoints. */
export const convolution: LoweringTable = {
  Conv2D: forward(false),
  Conv2DBackpropInput: toInput(false),
  Conv2DBackpropFilter: toFilterAdjoint,
  DepthwiseConv2dNative: forward(true),
  DepthwiseConv2dNativeBackpropInput: toInput(true),
  DepthwiseConv2dNativeBackpropFilter: toDepthwiseFilterAdjoint,
};
