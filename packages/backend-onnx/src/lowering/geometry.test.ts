import { fold, key, normal } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { onnxBackend } from "../backend.js";
import { expectAgreement } from "../fixtures/agreement.js";

type Pair = [number, number];
type Padding = "same" | "valid" | number | Pair[];
interface Windows {
  readonly size: Pair;
  readonly strides: number | Pair;
  readonly pad: Padding;
}

const random = (label: string, shape: readonly number[]): tf.Tensor => normal(fold(key(4), label), shape as [number]);
const run = (kernel: string, inputs: tf.NamedTensorMap, attrs: object): tf.Tensor =>
  tf.engine().runKernel(kernel, inputs, attrs as tf.NamedAttrMap) as tf.Tensor;

const sizes: Pair[] = [
  [1, 3],
  [2, 2],
  [4, 3],
];
const pads: Padding[] = [
  "same",
  "valid",
  1,
  2,
  [
    [0, 0],
    [1, 2],
    [0, 1],
    [0, 0],
  ],
];
const windows: Windows[] = sizes.flatMap((size) =>
  ([1, 3, [1, 2]] as (number | Pair)[]).flatMap((strides) => pads.map((pad) => ({ size, strides, pad }))),
);
const xShape = [2, 7, 8, 3];
const image = (): tf.Tensor => random("image", xShape);

/** Shape that the operation has on the reference backend. */
async function shapeOf(make: () => tf.Tensor): Promise<number[]> {
  await tf.setBackend("cpu");
  return make().shape;
}

describe("windows of every shape, stride and padding", () => {
  beforeAll(() => onnxBackend().activate());

  it.each(windows)("convolve: $size, strides $strides, padding $pad", async ({ size, strides, pad }) => {
    const attrs = {
      strides,
      pad,
      dilations: 1,
      dataFormat: "NHWC",
      dimRoundingMode: typeof pad === "string" ? null : "floor",
    };
    const filterShape = [...size, 3, 2];
    const filter = (): tf.Tensor => random("filter", filterShape);
    for (const kernel of ["Conv2D", "DepthwiseConv2dNative"]) {
      const forward = (): tf.Tensor => run(kernel, { x: image(), filter: filter() }, attrs);
      const adjoint = kernel === "Conv2D" ? "Conv2DBackprop" : "DepthwiseConv2dNativeBackprop";
      const shape = await shapeOf(forward);
      const dy = (): tf.Tensor => random("dy", shape);
      await expectAgreement(forward);
      await expectAgreement(() =>
        run(`${adjoint}Input`, { dy: dy(), filter: filter() }, { ...attrs, inputShape: xShape }),
      );
      await expectAgreement(() => run(`${adjoint}Filter`, { x: image(), dy: dy() }, { ...attrs, filterShape }));
    }
  });

  it.each(windows)("pool: $size, strides $strides, padding $pad", async ({ size, strides, pad }) => {
    const attrs = { filterSize: size, strides, pad, dimRoundingMode: typeof pad === "string" ? null : "ceil" };
    const pool = (): tf.Tensor => run("MaxPool", { x: image() }, attrs);
    await expectAgreement(pool);
    await expectAgreement(() => run("AvgPool", { x: image() }, attrs));
    const floor = { ...attrs, dimRoundingMode: typeof pad === "string" ? null : "floor" };
    const shape = await shapeOf(() => run("MaxPool", { x: image() }, floor));
    const gradient = (): tf.Tensor =>
      run("MaxPoolGrad", { dy: random("dy", shape), input: image(), output: random("unused", shape) }, floor);
    await expectAgreement(gradient);
  });

  it("average to the adjoint of their own average", async () => {
    // tfjs's cpu backend divides by the whole window where the forward pass divides by the part inside the image.
    await tf.setBackend("onnx");
    const attrs = { filterSize: [3, 2], strides: 2, pad: "same" };
    const y = run("AvgPool", { x: image() }, attrs);
    const dy = random("dy", y.shape);
    const dx = run("AvgPoolGrad", { dy, input: image() }, attrs);
    const [left, right] = [tf.sum(tf.mul(y, dy)), tf.sum(tf.mul(image(), dx))];
    expect(left.dataSync()[0]).toBeCloseTo(right.dataSync()[0]!, 4);
  });
});
