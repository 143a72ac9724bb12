import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { wasmBackend } from "./backend.js";

/** Runs a kernel on both engines and compares; gives how many tensors it left behind on ours. */
async function compare(kernel: string, make: () => Record<string, tf.Tensor>, attrs: object): Promise<void> {
  const results = [];
  for (const name of ["cpu", "wasm"]) {
    if (name === "wasm") await wasmBackend().activate();
    else await tf.setBackend(name);
    const inputs = make();
    const before = tf.memory().numTensors;
    const y = tf.engine().runKernel(kernel, inputs, attrs as tf.NamedAttrMap) as tf.Tensor;
    expect(tf.memory().numTensors - before).toBe(1);
    results.push({ shape: y.shape, dtype: y.dtype, values: await y.data() });
  }
  const [wanted, found] = results;
  // The reference says float32 of sums of integers too; ours keep the type.
  expect([found!.shape, found!.dtype]).toEqual([wanted!.shape, make().x?.dtype ?? "float32"]);
  const worst = Math.max(...found!.values.map((value, i) => Math.abs(value - wanted!.values[i]!)));
  expect(worst).toBeLessThan(2e-4);
}

const numbers = (...shape: number[]) => tf.sin(tf.reshape(tf.range(0, tf.util.sizeFromShape(shape)), shape));
const out = (size: number, filter: number, stride: number, same: boolean) =>
  same ? Math.ceil(size / stride) : Math.ceil((size - filter + 1) / stride);

const settings = [1, 2].flatMap((stride) => ["same", "valid"].map((pad) => ({ stride, pad })));

it.each(settings)("gradients of convolutions, stride $stride, $pad", async ({ stride, pad }) => {
  const size = out(7, 3, stride, pad === "same");
  const attrs = { strides: stride, pad, dataFormat: "NHWC", filterShape: [3, 3, 4, 2] };
  await compare("Conv2DBackpropFilter", () => ({ x: numbers(2, 7, 7, 4), dy: numbers(2, size, size, 2) }), attrs);
  const depthwise = () => ({ x: numbers(2, 7, 7, 4), dy: numbers(2, size, size, 8) });
  await compare("DepthwiseConv2dNativeBackpropFilter", depthwise, { ...attrs, dilations: 1 });
  const given = () => ({ dy: numbers(2, size, size, 8), filter: numbers(3, 3, 4, 2) });
  await compare("DepthwiseConv2dNativeBackpropInput", given, { ...attrs, dilations: 1, inputShape: [2, 7, 7, 4] });
});

it("sums by segment, without ids out of range", async () => {
  const make = (dtype: "float32" | "int32") => () => ({
    x: tf.cast(tf.mul(numbers(5, 3), 10), dtype),
    segmentIds: tf.tensor1d([2, 0, -1, 2, 3], "int32"),
  });
  for (const dtype of ["float32", "int32"] as const)
    await compare("UnsortedSegmentSum", make(dtype), { numSegments: 4 });
});
