import "@tensorflow/tfjs-backend-cpu";
import type { ParamTree } from "@ganymede/core";
import { compile, fold, key, normal } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { onnxBackend } from "../backend.js";
import { GraphBuilder } from "../graph/builder.js";
import { binary, reduce, transpose, unary } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import { nodesOf } from "../graph/value.js";
import { blockChains } from "./block-rows.js";
import { findClusters } from "./clusters.js";
import { optimize } from "./optimize.js";

/** Runs a function of trees on both backends and compares every leaf. */
async function expectSame<Args extends [ParamTree, ...ParamTree[]]>(
  make: () => Args,
  fn: (...args: Args) => { readonly y: tf.Tensor },
  tolerance = 1e-5,
): Promise<void> {
  const run = async (backend: "cpu" | "onnx"): Promise<Float32Array> => {
    if (backend === "onnx") await onnxBackend().activate();
    else await tf.setBackend("cpu");
    const { y } = await compile(fn)(...make());
    return (await y.data()) as Float32Array;
  };
  const [ours, reference] = [await run("onnx"), await run("cpu")];
  const scale = reference.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
  const worst = ours.reduce((most, value, i) => Math.max(most, Math.abs(value - reference[i]!)), 0);
  expect(worst / scale).toBeLessThanOrEqual(tolerance);
}

const draw = (label: string, shape: number[]): tf.Tensor => normal(fold(key(3), label), shape as [number]);

describe("optimize", () => {
  it("keeps what a long row-by-row chain computes", async () => {
    await expectSame(
      () => [draw("x", [64, 80, 96]), draw("scale", [96])],
      (x, scale) => {
        const centred = tf.sub(x, tf.mean(x, -1, true));
        const normalised = tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), 1e-6)));
        const curved = tf.mul(tf.mul(tf.mul(normalised, scale), 0.5), tf.add(tf.erf(normalised), 1));
        return { y: tf.add(tf.softmax(curved), tf.sum(curved, 1, true)) };
      },
    );
  });

  it("keeps the gradients of a chain", async () => {
    await expectSame(
      () => [draw("x", [512, 1024])],
      (x) => ({ y: tf.grad((v: tf.Tensor) => tf.sum(tf.mul(tf.tanh(v), tf.sigmoid(tf.mul(v, v)))) as tf.Scalar)(x) }),
    );
  });

  it("keeps an inference network with constant filters", async () => {
    const filters = (): tf.Tensor4D[] =>
      [draw("f1", [3, 3, 3, 8]), draw("f2", [1, 1, 8, 6]), draw("f3", [3, 3, 8, 6])] as tf.Tensor4D[];
    await expectSame(
      () => [draw("images", [2, 17, 17, 3])],
      (images) => {
        const [first, second, third] = filters() as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
        const bias = tf.tensor1d([1, -1, 0.5, 0, 2, -2, 0.1, 0.3]);
        const stem = tf.relu(tf.add(tf.conv2d(images as tf.Tensor4D, first, 2, "valid"), bias)) as tf.Tensor4D;
        const branches = [
          tf.conv2d(stem, second, 1, "same"),
          tf.conv2d(tf.avgPool(stem, 3, 1, "same"), third, 1, "same"),
          tf.maxPool(stem, 3, 1, "same"),
        ];
        return { y: tf.mean(tf.relu(tf.concat(branches, 3)), [1, 2]) };
      },
      1e-4,
    );
  });

  it("keeps what stands between convolutions: biases, styles and noise that are computed, norms and sums", async () => {
    await expectSame(
      () => [
        draw("images", [2, 6, 5, 3]),
        draw("filter", [3, 3, 3, 4]),
        draw("next", [3, 3, 4, 4]),
        draw("bias", [4]),
        draw("style", [2, 1, 1, 4]),
        draw("noise", [2, 6, 5, 1]),
      ],
      (images, filter, next, bias, style, noise) => {
        const convolve = (x: tf.Tensor, by: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, by as tf.Tensor4D, 1, "same");
        const styled = tf.mul(tf.add(convolve(images, filter), bias), style);
        const noisy = tf.leakyRelu(tf.add(styled, tf.mul(noise, tf.sum(bias))), 0.2);
        const normal = tf.div(tf.sub(noisy, tf.mean(noisy, [0, 1, 2])), tf.max(noisy, [1, 2], true));
        const last = convolve(normal, next);
        const sums = [tf.sum(last, [0, 1, 2]), tf.mean(tf.abs(last), 3), tf.sum(last, [1]), tf.min(last, [1, 2])];
        return { y: tf.concat(sums.map((sum) => tf.reshape(sum, [-1]))) };
      },
      1e-4,
    );
  });

  it("goes from one convolution to the next without changing the layout", () => {
    const b = new GraphBuilder();
    const [images, filter] = [b.feed("float32", [2, 4, 6, 5]), b.feed("float32", [4, 4, 1, 1])];
    const convolve = (x: Value) => b.apply("Conv", [x, filter], { type: "float32", shape: [2, 4, 6, 5] });
    const channelsLast = transpose(b, convolve(images), [0, 2, 3, 1]);
    const biased = binary(b, "Add", channelsLast, b.feed("float32", [4]));
    const styled = binary(b, "Mul", biased, b.feed("float32", [2, 1, 1, 4]));
    const noisy = unary(b, "Relu", binary(b, "Add", styled, b.feed("float32", [2, 6, 5, 1])));
    const centred = binary(b, "Sub", noisy, reduce(b, "ReduceMean", noisy, [0, 1, 2], false));
    const outputs = [convolve(transpose(b, centred, [0, 3, 1, 2])), reduce(b, "ReduceSum", centred, [1, 2], true)];
    const operators = nodesOf(optimize({ inputs: [], outputs }).outputs).map(({ op }) => op);
    expect(operators).toEqual(expect.arrayContaining(["Conv", "Add", "Mul", "Relu", "ReduceMean", "Sub", "ReduceSum"]));
    expect(operators).not.toContain("Transpose");
  });

  it("makes one Scan of a chain over a large tensor, and none over a small one", () => {
    const chain = (rows: number) => {
      const b = new GraphBuilder();
      const x = b.feed("float32", [rows, 1024]);
      return { inputs: [x], outputs: [unary(b, "Exp", binary(b, "Mul", unary(b, "Tanh", x), x))] };
    };
    const operators = (rows: number) => nodesOf(blockChains(chain(rows)).outputs).map((node) => node.op);
    expect(operators(2048)).toContain("Scan");
    expect(operators(16)).not.toContain("Scan");
  });

  it("never puts a node into a cluster that a path leaves and enters again", () => {
    const b = new GraphBuilder();
    const x = b.feed("float32", [8, 4]);
    const first = unary(b, "Exp", x);
    const outside = b.apply(
      "Transpose",
      [b.apply("Transpose", [first], { type: "float32", shape: [4, 8] }, { perm: [1, 0] })],
      { type: "float32", shape: [8, 4] },
      { perm: [1, 0] },
    );
    const last = binary(b, "Add", first, outside);
    const clusters = findClusters(nodesOf([last]));
    expect(clusters.map(({ nodes }) => nodes.map((node) => node.op))).toEqual([["Exp"], ["Add"]]);
  });
});
