import "@tensorflow/tfjs-backend-cpu";
import { compile, fold, key, normal, uniform } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { onnxBackend } from "../backend.js";
import { expectAgreement } from "../fixtures/agreement.js";

/** Each case builds its inputs from keys, so that both backends see the same numbers. */
const random = (label: string, shape: number[]): tf.Tensor => normal(fold(key(1), label), shape as [number]);
const positive = (label: string, shape: number[]): tf.Tensor =>
  uniform(fold(key(1), label), shape as [number], 0.1, 0.9);
const a = (): tf.Tensor => random("a", [3, 4]);
const b = (): tf.Tensor => random("b", [3, 4]);
const row = (): tf.Tensor => random("row", [4]);
const image = (): tf.Tensor4D => random("image", [2, 7, 6, 3]) as tf.Tensor4D;
const integers = (): tf.Tensor => tf.tensor2d([7, -3, 4, 9, -8, 2], [2, 3], "int32");

const unary: Record<string, () => tf.Tensor> = {
  abs: () => tf.abs(a()),
  acos: () => tf.acos(positive("p", [5])),
  acosh: () => tf.acosh(tf.add(positive("p", [5]), 1)),
  asin: () => tf.asin(positive("p", [5])),
  asinh: () => tf.asinh(a()),
  atan: () => tf.atan(a()),
  atanh: () => tf.atanh(positive("p", [5])),
  ceil: () => tf.ceil(a()),
  clip: () => tf.clipByValue(a(), -0.5, 0.5),
  cos: () => tf.cos(a()),
  cosh: () => tf.cosh(a()),
  elu: () => tf.elu(a()),
  erf: () => tf.erf(a()),
  exp: () => tf.exp(a()),
  expm1: () => tf.expm1(tf.tensor1d([1e-4, -1e-3, 0, 2, -30])),
  floor: () => tf.floor(a()),
  isFinite: () => tf.isFinite(tf.tensor1d([1, Number.NaN, Number.POSITIVE_INFINITY])),
  isInf: () => tf.isInf(tf.tensor1d([1, Number.NaN, Number.NEGATIVE_INFINITY])),
  isNaN: () => tf.isNaN(tf.tensor1d([1, Number.NaN])),
  leakyRelu: () => tf.leakyRelu(a(), 0.3),
  log: () => tf.log(positive("p", [5])),
  log1p: () => tf.log1p(tf.tensor1d([1e-4, 0, 2, 30, -0.5])),
  logicalNot: () => tf.logicalNot(tf.tensor1d([1, 0, 1], "bool")),
  neg: () => tf.neg(a()),
  prelu: () => tf.prelu(a(), row()),
  reciprocal: () => tf.reciprocal(a()),
  relu: () => tf.relu(a()),
  relu6: () => tf.relu6(tf.mul(a(), 8)),
  round: () => tf.round(tf.tensor1d([0.5, 1.5, 2.5, -0.5, 1.2])),
  rsqrt: () => tf.rsqrt(positive("p", [5])),
  selu: () => tf.selu(a()),
  sigmoid: () => tf.sigmoid(a()),
  sign: () => tf.sign(a()),
  sin: () => tf.sin(a()),
  sinh: () => tf.sinh(a()),
  softplus: () => tf.softplus(tf.tensor1d([-100, -1, 0, 1, 100])),
  sqrt: () => tf.sqrt(positive("p", [5])),
  square: () => tf.square(a()),
  step: () => tf.step(a(), 0.2),
  tan: () => tf.tan(a()),
  tanh: () => tf.tanh(a()),
  castToInt: () => tf.cast(tf.mul(a(), 3), "int32"),
  castToBool: () => tf.cast(tf.relu(a()), "bool"),
};

const binary: Record<string, () => tf.Tensor> = {
  add: () => tf.add(a(), row()),
  addN: () => tf.addN([a(), b(), a()]),
  sub: () => tf.sub(a(), b()),
  mul: () => tf.mul(a(), tf.scalar(2)),
  mulScales: () => tf.mul(tf.mul(tf.neg(a()), 3), 0.5),
  div: () => tf.div(a(), b()),
  divNoNan: () => tf.divNoNan(a(), tf.tensor1d([1, 0, 2, 0])),
  pow: () => tf.pow(positive("p", [3, 4]), b()),
  maximum: () => tf.maximum(a(), 0.1),
  minimum: () => tf.minimum(a(), b()),
  floorDiv: () => tf.floorDiv(integers(), tf.scalar(4, "int32")),
  mod: () => tf.mod(a(), 0.7),
  modInt: () => tf.mod(integers(), tf.scalar(4, "int32")),
  atan2: () => tf.atan2(tf.tensor1d([1, -1, 1, -1, 0, 0]), tf.tensor1d([1, 1, -1, -1, 1, 0])),
  squaredDifference: () => tf.squaredDifference(a(), row()),
  equal: () => tf.equal(integers(), tf.scalar(4, "int32")),
  notEqual: () => tf.notEqual(integers(), tf.scalar(4, "int32")),
  greater: () => tf.greater(a(), b()),
  greaterEqual: () => tf.greaterEqual(a(), a()),
  less: () => tf.less(a(), b()),
  lessEqual: () => tf.lessEqual(a(), b()),
  logicalAnd: () => tf.logicalAnd(tf.greater(a(), 0), tf.greater(b(), 0)),
  logicalOr: () => tf.logicalOr(tf.greater(a(), 0), tf.greater(b(), 0)),
  logicalXor: () => tf.logicalXor(tf.greater(a(), 0), tf.greater(b(), 0)),
  where: () => tf.where(tf.greater(a(), 0), a(), b()),
  matMul: () => tf.matMul(a(), b(), false, true),
  matMulLeft: () => tf.matMul(a(), b(), true, false),
  matMulBatch: () => tf.matMul(random("l", [2, 3, 4, 5]), random("r", [2, 3, 6, 5]), false, true),
  matMulBroadcast: () => tf.matMul(random("l", [2, 4, 5]), random("r", [5, 3])),
  matMulScaled: () => tf.mul(tf.matMul(tf.transpose(a()), b()), 0.25),
};

const reduction: Record<string, () => tf.Tensor> = {
  all: () => tf.all(tf.tensor2d([1, 0, 1, 1], [2, 2], "bool"), 1),
  any: () => tf.any(tf.tensor2d([1, 0, 0, 0], [2, 2], "bool"), 1),
  argMax: () => tf.argMax(a(), 1),
  argMin: () => tf.argMin(a(), 0),
  cumsum: () => tf.cumsum(a(), 1, true, true),
  logSoftmax: () => tf.logSoftmax(a()),
  max: () => tf.max(a(), 0),
  mean: () => tf.mean(a(), 1, true),
  meanInt: () => tf.mean(integers()),
  min: () => tf.min(a()),
  prod: () => tf.prod(a(), 1),
  softmax: () => tf.softmax(a()),
  sum: () => tf.sum(random("t", [2, 3, 4]), [0, 2]),
  sumBool: () => tf.sum(tf.greater(a(), 0), 1),
  topkValues: () => tf.topk(a(), 2).values,
  topkIndices: () => tf.topk(a(), 2).indices,
  unsortedSegmentSumOfMany: () =>
    tf.unsortedSegmentSum(
      random("many", [600, 2]),
      tf.tensor1d(
        Array.from({ length: 600 }, (_, i) => ((i * 37) % 501) - 1),
        "int32",
      ),
      500,
    ),
  unsortedSegmentSum: () => tf.unsortedSegmentSum(a(), tf.tensor1d([1, 0, 1], "int32"), 3),
};

const shape: Record<string, () => tf.Tensor> = {
  batchToSpace: () =>
    tf.batchToSpaceND(
      random("bs", [4, 2, 3, 1]),
      [2, 2],
      [
        [0, 1],
        [1, 0],
      ],
    ),
  broadcastTo: () => tf.broadcastTo(row(), [3, 4]),
  concat: () => tf.concat([a(), b()], 1),
  depthToSpace: () => tf.depthToSpace(random("d", [1, 2, 3, 8]) as tf.Tensor4D, 2),
  expandDims: () => tf.expandDims(a(), 1),
  gather: () => tf.gather(a(), tf.tensor1d([2, 0, 1, 2], "int32"), 1),
  gatherBatch: () => tf.gather(random("t", [2, 3, 4]), tf.tensor2d([2, 0, 1, 1], [2, 2], "int32"), 2, 1),
  gatherND: () => tf.gatherND(a(), tf.tensor2d([0, 1, 2, 3], [2, 2], "int32")),
  linspace: () => tf.linspace(0, 1, 5),
  mirrorPad: () =>
    tf.mirrorPad(
      a(),
      [
        [1, 1],
        [2, 0],
      ],
      "reflect",
    ),
  mirrorPadSymmetric: () =>
    tf.mirrorPad(
      a(),
      [
        [1, 1],
        [2, 0],
      ],
      "symmetric",
    ),
  oneHot: () => tf.oneHot(tf.tensor1d([1, 0, 2], "int32"), 4),
  onesLike: () => tf.onesLike(a()),
  pad: () =>
    tf.pad(
      a(),
      [
        [1, 0],
        [0, 2],
      ],
      0.5,
    ),
  range: () => tf.range(1, 9, 2, "int32"),
  reshape: () => tf.reshape(tf.reshape(a(), [2, 6]), [-1]),
  reverse: () => tf.reverse(a(), [0, 1]),
  scatterND: () => tf.scatterND(tf.tensor2d([1, 3, 1], [3, 1], "int32"), tf.tensor1d([2, 4, 5]), [5]),
  slice: () => tf.slice(a(), [1, 0], [-1, 2]),
  spaceToBatch: () =>
    tf.spaceToBatchND(
      random("sb", [1, 3, 4, 2]),
      [2, 2],
      [
        [0, 1],
        [0, 0],
      ],
    ),
  split: () => tf.split(a(), [1, 3], 1)[1] as tf.Tensor,
  stack: () => tf.stack([a(), b()], 1),
  stridedSlice: () => tf.stridedSlice(a(), [2, 3], [0, 0], [-1, -2]),
  stridedSliceToEdge: () => tf.stridedSlice(a(), [2], [0], [-1], 0, 1),
  tile: () => tf.tile(a(), [2, 3]),
  tileOnes: () => tf.tile(tf.reshape(row(), [1, 4]), [3, 1]),
  transpose: () => tf.transpose(random("t", [2, 3, 4]), [2, 0, 1]),
  transposeTwice: () => tf.transpose(tf.transpose(random("t", [2, 3, 4]), [2, 0, 1]), [1, 0, 2]),
  unstack: () => tf.unstack(a(), 1)[2] as tf.Tensor,
  zeros: () => tf.add(tf.zeros([3, 4]), a()),
};

const filter = (): tf.Tensor4D => random("filter", [3, 2, 3, 4]) as tf.Tensor4D;
const images: Record<string, () => tf.Tensor> = {
  avgPool: () => tf.avgPool(image(), 3, 1, "same"),
  conv2d: () => tf.conv2d(image(), filter(), 2, "same"),
  conv2dValid: () => tf.conv2d(image(), filter(), 1, "valid"),
  conv2dDilated: () => tf.conv2d(image(), filter(), 1, "same", "NHWC", 2),
  conv2dTranspose: () =>
    tf.conv2dTranspose(random("y", [2, 4, 3, 4]) as tf.Tensor4D, filter(), [2, 7, 6, 3], 2, "same"),
  depthwise: () => tf.depthwiseConv2d(image(), random("dw", [3, 3, 3, 2]) as tf.Tensor4D, 1, "same"),
  maxPool: () => tf.maxPool(image(), 3, 2, "valid"),
  resizeBilinear: () => tf.image.resizeBilinear(image(), [5, 11], false, true),
  resizeBilinearCorners: () => tf.image.resizeBilinear(image(), [5, 11], true),
  resizeNearest: () => tf.image.resizeNearestNeighbor(image(), [14, 12]),
};

const gradient = (f: (x: tf.Tensor) => tf.Tensor) => (): tf.Tensor =>
  tf.grad((x: tf.Tensor) => tf.sum(tf.mul(f(x), tf.add(1, tf.sin(f(x))))) as tf.Scalar)(image());

const adjoints: Record<string, () => tf.Tensor> = {
  conv2dInput: gradient((x) => tf.conv2d(x as tf.Tensor4D, filter(), 2, "same")),
  conv2dInputValid: gradient((x) => tf.conv2d(x as tf.Tensor4D, filter(), [2, 1], "valid")),
  conv2dInputOne: gradient((x) => tf.conv2d(x as tf.Tensor4D, filter(), 1, "same")),
  conv2dInputDilated: gradient((x) => tf.conv2d(x as tf.Tensor4D, random("near", [1, 2, 3, 4]) as tf.Tensor4D, 1, 2)),
  conv2dFilterWide: () =>
    tf.grad(
      (w: tf.Tensor) =>
        tf.sum(
          tf.square(tf.conv2d(random("wide", [2, 7, 6, 16]) as tf.Tensor4D, w as tf.Tensor4D, [2, 1], "same")),
        ) as tf.Scalar,
    )(random("wide filter", [3, 2, 16, 5])),
  conv2dFilter: () =>
    tf.grad((w: tf.Tensor) => tf.sum(tf.square(tf.conv2d(image(), w as tf.Tensor4D, 2, "same"))) as tf.Scalar)(
      filter(),
    ),
  depthwiseInput: gradient((x) =>
    tf.depthwiseConv2d(x as tf.Tensor4D, random("dw", [3, 3, 3, 2]) as tf.Tensor4D, 2, "same"),
  ),
  depthwiseFilter: () =>
    tf.grad((w: tf.Tensor) => tf.sum(tf.square(tf.depthwiseConv2d(image(), w as tf.Tensor4D, 2, "same"))) as tf.Scalar)(
      random("dw", [3, 3, 3, 2]),
    ),
};

describe("lowerings agree with the reference backend", () => {
  beforeAll(() => onnxBackend().activate());
  const cases = { ...unary, ...binary, ...reduction, ...shape, ...images, ...adjoints };
  it.each(Object.keys(cases))("%s", (name) => expectAgreement(cases[name]!));

  it("resizes to the nearest centre where pixels have half-pixel centres, which the reference backend ignores", async () => {
    await tf.setBackend("onnx");
    const line = tf.tensor4d([10, 20, 30, 40], [1, 4, 1, 1]);
    expect([...(await tf.image.resizeNearestNeighbor(line, [2, 1], false, true).data())]).toEqual([20, 40]);
  });

  it("names the kernel where complex numbers have no lowering", async () => {
    await tf.setBackend("onnx");
    expect(() => tf.engine().runKernel("Sin", { x: tf.complex([1, 2], [0, 0]) })).toThrow(
      /onnx backend: Sin does not support complex64/,
    );
  });

  it("refuses, inside a compiled function, kernels whose output depends on values", async () => {
    await tf.setBackend("onnx");
    const distinct = compile((x: tf.Tensor) => ({ values: tf.unique(x).values }));
    await expect(distinct(tf.tensor1d([1, 2, 1]))).rejects.toThrow(/must not call Unique, because/);
  });

  it("refuses to read what was made while a function was traced", async () => {
    await tf.setBackend("onnx");
    let leaked: tf.Tensor | undefined;
    const square = compile((x: tf.Tensor) => {
      leaked = tf.keep(tf.add(x, 1));
      return { y: tf.square(x) };
    });
    await square(tf.tensor1d([1, 2]));
    expect(() => leaked?.dataSync()).toThrow(/made while a function was traced/);
  });
});
