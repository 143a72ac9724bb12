import { backend_util } from "@tensorflow/tfjs-core";
import { transpose } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import type { LoweringInput, LoweringTable } from "./lowering.js";
import { attribute } from "./lowering.js";

/** Pooling; averages count only pixels inside the image. */
const pool =
  (op: "MaxPool" | "AveragePool") =>
  ({ b, inputs, attrs }: LoweringInput): Value => {
    const x = inputs.x!;
    const info = backend_util.computePool2DInfo(
      x.shape as [number, number, number, number],
      attribute<number>(attrs, "filterSize"),
      attribute<number>(attrs, "strides"),
      1,
      attribute<number>(attrs, "pad"),
      attribute<"floor" | undefined>(attrs, "dimRoundingMode"),
    );
    const { top, left, bottom, right } = info.padInfo;
    const attributes = {
      kernel_shape: [info.filterHeight, info.filterWidth],
      strides: [info.strideHeight, info.strideWidth],
      pads: [top, left, bottom, right],
    };
    const shape = [info.batchSize, info.inChannels, info.outHeight, info.outWidth];
    const y = b.apply(op, [transpose(b, x, [0, 3, 1, 2])], { type: x.type, shape }, attributes);
    return transpose(b, y, [0, 2, 3, 1]);
  };

const resize =
  (mode: "linear" | "nearest") =>
  ({ b, inputs, attrs }: LoweringInput): Value => {
    const x = inputs.images!;
    const [height, width] = attribute<[number, number]>(attrs, "size");
    const [n, , , c] = x.shape as [number, number, number, number];
    const halfPixel = attribute<boolean>(attrs, "halfPixelCenters");
    const transformation = attribute<boolean>(attrs, "alignCorners")
      ? "align_corners"
      : halfPixel
        ? "half_pixel"
        : "asymmetric";
    // TensorFlow takes the pixel whose square the position lies in: with half-pixel centres, the nearest centre.
    const nearest = transformation === "asymmetric" ? "floor" : "round_prefer_ceil";
    const attributes = {
      mode,
      coordinate_transformation_mode: transformation,
      ...(mode === "nearest" ? { nearest_mode: nearest } : {}),
    };
    const target = b.integers([n, c, height, width]);
    const planes = transpose(b, x, [0, 3, 1, 2]);
    const y = b.apply(
      "Resize",
      [planes, null, null, target],
      { type: "float32", shape: [n, c, height, width] },
      attributes,
    );
    return transpose(b, y, [0, 2, 3, 1]);
  };

/** Pooling and resizing. */
export const image: LoweringTable = {
  MaxPool: pool("MaxPool"),
  AvgPool: pool("AveragePool"),
  ResizeBilinear: resize("linear"),
  ResizeNearestNeighbor: resize("nearest"),
};
