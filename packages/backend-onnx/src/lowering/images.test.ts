import { fold, key, normal, uniform } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, it } from "vitest";
import { onnxBackend } from "../backend.js";
import { expectAgreement } from "../fixtures/agreement.js";

const random = (label: string, shape: number[]): tf.Tensor => normal(fold(key(2), label), shape as [number]);
const image = (): tf.Tensor4D => random("image", [2, 7, 6, 3]) as tf.Tensor4D;
const planes = (): tf.Tensor4D => random("planes", [2, 3, 7, 6]) as tf.Tensor4D;
const volume = (): tf.Tensor5D => random("volume", [2, 4, 5, 4, 2]) as tf.Tensor5D;
const filter = (): tf.Tensor4D => random("filter", [3, 2, 3, 4]) as tf.Tensor4D;
const cube = (): tf.Tensor5D => random("cube", [2, 3, 2, 2, 3]) as tf.Tensor5D;
const weights = (): tf.Tensor3D => random("weights", [3, 2, 3]) as tf.Tensor3D;
const run = (kernel: string, inputs: tf.NamedTensorMap, attrs: object): tf.Tensor =>
  tf.engine().runKernel(kernel, inputs, attrs as tf.NamedAttrMap) as tf.Tensor;

const convolutions: Record<string, () => tf.Tensor> = {
  channelsFirst: () => tf.conv2d(planes(), filter(), 2, "same", "NCHW"),
  channelsFirstInput: () =>
    run(
      "Conv2DBackpropInput",
      { dy: random("dy", [2, 4, 4, 3]), filter: filter() },
      { inputShape: [2, 3, 7, 6], strides: 2, pad: "same", dataFormat: "NCHW", dimRoundingMode: null },
    ),
  cropped: () => tf.conv2dTranspose(random("dy", [1, 6, 6, 4]) as tf.Tensor4D, filter(), [1, 4, 4, 3], 1, "same"),
  conv3d: () => tf.conv3d(volume(), cube(), [1, 2, 1], "same"),
  conv3dInput: () =>
    tf.conv3dTranspose(random("y", [2, 2, 3, 2, 3]) as tf.Tensor5D, cube(), [2, 4, 5, 4, 2], 2, "same"),
  conv3dFilter: () =>
    run(
      "Conv3DBackpropFilterV2",
      { x: volume(), dy: random("dy3", [2, 2, 3, 2, 3]) },
      { filterShape: [2, 3, 2, 2, 3], strides: 2, pad: "same" },
    ),
  fused: () =>
    tf.fused.conv2d({
      x: image(),
      filter: filter(),
      strides: 1,
      pad: "same",
      bias: random("bias", [4]) as tf.Tensor1D,
      activation: "leakyrelu",
      leakyreluAlpha: 0.2,
    }),
  fusedDepthwise: () =>
    tf.fused.depthwiseConv2d({
      x: image(),
      filter: random("depthwise", [3, 3, 3, 2]) as tf.Tensor4D,
      strides: 2,
      pad: "same",
      activation: "relu6",
    }),
  fusedMatMul: () =>
    tf.fused.matMul({
      a: random("a", [3, 4]) as tf.Tensor2D,
      b: random("b", [5, 4]) as tf.Tensor2D,
      transposeB: true,
      bias: random("c", [5]),
      activation: "prelu",
      preluActivationWeights: random("p", [5]),
    }),
};

const pools: Record<string, () => tf.Tensor> = {
  average3d: () => tf.avgPool3d(volume(), 2, 2, "same"),
  average3dGradient: () =>
    run(
      "AvgPool3DGrad",
      { dy: random("g", [2, 3, 4, 3, 2]), input: volume() },
      { filterSize: 2, strides: 1, pad: "valid" },
    ),
  averageGradient: () =>
    run("AvgPoolGrad", { dy: random("g", [2, 3, 3, 3]), input: image() }, { filterSize: 2, strides: 2, pad: "valid" }),
  maximum3d: () => tf.maxPool3d(volume(), 2, 1, "same"),
  maximum3dGradient: () =>
    run(
      "MaxPool3DGrad",
      { dy: random("g", [2, 2, 3, 2, 2]), input: volume(), output: random("unused", [2, 2, 3, 2, 2]) },
      { filterSize: 2, strides: 2, pad: "same" },
    ),
  maximumGradient: () =>
    run(
      "MaxPoolGrad",
      { dy: random("g", [2, 4, 3, 3]), input: image(), output: random("unused", [2, 4, 3, 3]) },
      { filterSize: 3, strides: 2, pad: "same" },
    ),
  places: () => tf.maxPoolWithArgmax(image(), 3, 2, "same", true).indexes as tf.Tensor,
  placesInImage: () => tf.maxPoolWithArgmax(image(), 2, 2, "valid", false).indexes as tf.Tensor,
};

const norms: Record<string, () => tf.Tensor> = {
  batchNorm: () =>
    tf.batchNorm4d(
      image(),
      random("mean", [3]) as tf.Tensor1D,
      uniform(fold(key(2), "variance"), [3], 0.1, 2) as tf.Tensor1D,
      random("offset", [3]) as tf.Tensor1D,
      random("scale", [3]) as tf.Tensor1D,
      0.01,
    ),
  localResponse: () => tf.localResponseNormalization(image(), 1, 1.5, 0.7, 0.6),
  localResponseGradient: () =>
    run(
      "LRNGrad",
      { x: image(), y: tf.localResponseNormalization(image(), 1, 1.5, 0.7, 0.6), dy: random("dy", [2, 7, 6, 3]) },
      { depthRadius: 1, bias: 1.5, alpha: 0.7, beta: 0.6 },
    ),
};

const boxes = (): tf.Tensor2D =>
  tf.tensor2d(
    [
      [0.1, 0, 0.8, 0.9],
      [-0.3, 0.2, 1.4, 0.5],
      [0.9, 0.9, 0.1, 0.2],
    ],
    [3, 4],
  );
const transforms = (): tf.Tensor2D => tf.tensor2d([[1.213, 0.307, -1.519, -0.221, 0.917, 1.103, 0.0113, 0.0197]]);
/** tfjs's cpu backend transforms only the first image of a batch. */
const first = (): tf.Tensor4D => tf.slice(image(), [0, 0, 0, 0], [1, 7, 6, 3]);

/** tfjs's cpu backend exchanges height and width of the bilinear adjoint. */
const square = (): tf.Tensor4D => random("square", [1, 6, 6, 3]) as tf.Tensor4D;

const sampling: Record<string, () => tf.Tensor> = {
  crop: () => tf.image.cropAndResize(image(), boxes(), tf.tensor1d([0, 1, 1], "int32"), [4, 5], "bilinear", 0.5),
  cropNearest: () => tf.image.cropAndResize(image(), boxes(), tf.tensor1d([1, 0, 1], "int32"), [3, 1], "nearest", -1),
  flip: () => tf.image.flipLeftRight(image()),
  resizeBilinearGradient: () =>
    run("ResizeBilinearGrad", { images: square(), dy: random("r", [1, 5, 9, 3]) }, { alignCorners: false }),
  resizeNearestGradient: () =>
    run("ResizeNearestNeighborGrad", { images: first(), dy: random("r", [1, 14, 4, 3]) }, { alignCorners: true }),
  rotate: () => tf.image.rotateWithOffset(image(), 0.7, [1, 2, 3], [0.3, 0.6]),
  ...Object.fromEntries(
    (["constant", "reflect", "wrap", "nearest"] as const).flatMap((mode) =>
      (["bilinear", "nearest"] as const).map((interpolation) => [
        `transform ${mode} ${interpolation}`,
        () => tf.image.transform(first(), transforms(), interpolation, mode, 0.25, [9, 8]),
      ]),
    ),
  ),
};

const dilation: Record<string, () => tf.Tensor> = {
  dilation: () => tf.dilation2d(image(), weights(), 2, "same", 2),
  dilationInput: () =>
    run(
      "Dilation2DBackpropInput",
      { x: image(), filter: weights(), dy: random("d", [2, 4, 3, 3]) },
      { strides: 2, pad: "same", dilations: 1 },
    ),
  dilationFilter: () =>
    run(
      "Dilation2DBackpropFilter",
      { x: image(), filter: weights(), dy: random("d", [2, 5, 5, 3]) },
      { strides: 1, pad: "valid", dilations: 1 },
    ),
};

describe("lowerings of images agree with the reference backend", () => {
  beforeAll(() => onnxBackend().activate());
  const cases = { ...convolutions, ...pools, ...norms, ...sampling, ...dilation };
  it.each(Object.keys(cases))("%s", (name) => expectAgreement(cases[name]!));
});
