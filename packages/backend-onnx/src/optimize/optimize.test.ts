import "@tensorflow/tfjs-backend-cpu";
import type { ParamTree } from "@ganymede/core";
import { compile, fold, key, normal } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { onnxBackend } from "../backend.js";
import { GraphBuilder } from "../graph/builder.js";
import { binary, unary } from "../graph/operations.js";
import { nodesOf } from "../graph/value.js";
import { blockChains } from "./block-rows.js";
import { findClusters } from "./clusters.js";

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
