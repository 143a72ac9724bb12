import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { cpu } from "../backends/cpu.js";
import { recordSoftmax } from "./record-softmax.js";

beforeAll(() => cpu.activate());

it("keeps what attention weighs, in order, and leaves everything else as it was", async () => {
  const kernel = tf.getKernel("Softmax", "cpu");
  const logits = tf.tensor4d([0, Math.log(3), 0, 0], [1, 1, 2, 2]);
  const { result, weights } = recordSoftmax(() => {
    const first = tf.softmax(logits);
    // A softmax over classes is no attention.
    tf.softmax(tf.zeros([2, 5]));
    return tf.softmax(tf.mul(tf.reshape(first, [1, 2, 2]), 0));
  });
  const [first, second] = await Promise.all(weights.map((each) => each.data()));
  expect(weights.map(({ shape }) => shape)).toEqual([
    [1, 1, 2, 2],
    [1, 2, 2],
  ]);
  for (const [i, value] of [0.25, 0.75, 0.5, 0.5].entries()) expect(first![i]).toBeCloseTo(value, 6);
  expect([...second!]).toEqual([0.5, 0.5, 0.5, 0.5]);
  expect([...(await result.data())]).toEqual([...second!]);
  tf.dispose([result, ...weights]);
  expect(tf.getKernel("Softmax", "cpu")?.kernelFunc).toBe(kernel?.kernelFunc);
  logits.dispose();
});

it("leaks nothing, and puts the kernel back also when the function fails", () => {
  const kernel = tf.getKernel("Softmax", "cpu")?.kernelFunc;
  const before = tf.memory().numTensors;
  const failing = () =>
    recordSoftmax(() => {
      tf.softmax(tf.zeros([1, 2, 2]));
      throw new Error("on the way");
    });
  expect(failing).toThrow("on the way");
  expect(tf.getKernel("Softmax", "cpu")?.kernelFunc).toBe(kernel);
  expect(tf.memory().numTensors).toBe(before);
});
