import type { GraphBuilder } from "../graph/builder.js";
import { cast, reshape, transpose } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import type { LoweringInput, LoweringTable } from "./lowering.js";
import { attribute } from "./lowering.js";

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
    // TensorFlow selects the pixel whose square contains the position: with half-pixel centres, the nearest centre.
    const nearest = transformation === "asymmetric" ? "floor" : "round_prefer_ceil";
    const attributes = {
      mode,
      coordinate_transformation_mode: transformation,
      ...(mode === "nearest" ? { nearest_mode: nearest } : {}),
    };
    const target = b.integers([n, c, height, width]);
    const planes = transpose(b, cast(b, x, "float32"), [0, 3, 1, 2]);
    const y = b.apply(
      "Resize",
      [planes, null, null, target],
      { type: "float32", shape: [n, c, height, width] },
      attributes,
    );
    const result = transpose(b, y, [0, 2, 3, 1]);
    return mode === "nearest" ? cast(b, result, x.type) : result;
  };

/** Weight of each of the `from` pixels in each of the `to` pixels of a line, as a matrix `[from, to]`. */
function lineWeights(from: number, to: number, attrs: LoweringInput["attrs"], nearest: boolean): Float32Array {
  const corners = attribute<boolean>(attrs, "alignCorners") && to > 1;
  const scale = corners ? (from - 1) / (to - 1) : from / to;
  const weights = new Float32Array(from * to);
  const add = (pixel: number, target: number, weight: number): void => {
    const at = Math.min(Math.max(pixel, 0), from - 1) * to + target;
    weights[at] = weights[at]! + weight;
  };
  const half = attribute<boolean>(attrs, "halfPixelCenters") && !corners;
  for (let target = 0; target < to; target++) {
    const place = half ? (target + 0.5) * scale - 0.5 : target * scale;
    if (nearest) {
      add(corners || half ? Math.round(place) : Math.floor(place), target, 1);
      continue;
    }
    const low = Math.floor(place);
    add(low, target, 1 - (place - low));
    add(low + 1, target, place - low);
  }
  return weights;
}

/** The adjoint of a resize, which is linear in each direction: a product with the weights of each. */
const resizeGradient =
  (nearest: boolean) =>
  ({ b, inputs, attrs }: LoweringInput): Value => {
    const [dy, images] = [inputs.dy!, inputs.images!];
    const [n, height, width, channels] = images.shape as [number, number, number, number];
    const [, fromHeight, fromWidth] = dy.shape as [number, number, number, number];
    const rows = weigh(
      b,
      lineWeights(height, fromHeight, attrs, nearest),
      height,
      fromHeight,
      reshape(b, cast(b, dy, "float32"), [n, fromHeight, fromWidth * channels]),
    );
    const columns = weigh(
      b,
      lineWeights(width, fromWidth, attrs, nearest),
      width,
      fromWidth,
      reshape(b, rows, [n * height, fromWidth, channels]),
    );
    return reshape(b, columns, [n, height, width, channels]);
  };

function weigh(b: GraphBuilder, weights: Float32Array, to: number, from: number, x: Value): Value {
  const matrix = b.constant("float32", [to, from], weights);
  return b.apply("MatMul", [matrix, x], { type: "float32", shape: [x.shape[0]!, to, x.shape[2]!] });
}

export const resizing: LoweringTable = {
  ResizeBilinear: resize("linear"),
  ResizeNearestNeighbor: resize("nearest"),
  ResizeBilinearGrad: resizeGradient(false),
  ResizeNearestNeighborGrad: resizeGradient(true),
};
