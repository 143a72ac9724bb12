import { fold, key, normal } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { graphCost, onnxBackend } from "./index.js";

beforeAll(() => onnxBackend({ threads: 1 }).activate());

const draw = <R extends tf.Rank>(label: string, shape: tf.ShapeMap[R]) => normal<R>(fold(key(1), label), shape);

describe("graphCost", () => {
  test("counts matrix products, plain, turned and in stacks, forward and backward", () => {
    const [x, w] = [draw<tf.Rank.R3>("x", [2, 3, 5]), draw<tf.Rank.R2>("w", [7, 5])];
    const product = (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, tf.broadcastTo(b, [2, 7, 5]), false, true);
    expect(graphCost(product, x, w).flops).toBe(2 * 2 * 3 * 5 * 7);
    const loss = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.square(product(a, b)));
    const gradients = (a: tf.Tensor, b: tf.Tensor) => tf.grads(loss)([a, b]);
    expect(graphCost(gradients, x, w).flops).toBe(3 * 2 * 2 * 3 * 5 * 7);
  });

  test("counts convolutions and their adjoints", () => {
    const [x, w] = [draw<tf.Rank.R4>("x", [2, 8, 8, 3]), draw<tf.Rank.R4>("w", [3, 3, 3, 6])];
    const forward = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 2, "same");
    const once = 2 * (2 * 4 * 4) * 6 * (3 * 3 * 3);
    expect(graphCost(forward, x, w).flops).toBe(once);
    const loss = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.square(forward(a, b)));
    const gradient = graphCost((a: tf.Tensor, b: tf.Tensor) => tf.grads(loss)([a, b]), x, w).flops;
    expect(gradient).toBeGreaterThanOrEqual(3 * once);
  });

  test("counts nothing for element by element work, and bytes of what lives at one time", () => {
    const x = draw<tf.Rank.R2>("x", [256, 256]);
    const own = 4 * 256 * 256;
    const chain = graphCost((a: tf.Tensor) => tf.exp(tf.tanh(tf.sin(a))), x);
    expect(chain).toEqual({ flops: 0, bytes: 2 * own });
    const kept = graphCost((a: tf.Tensor) => {
      const parts = [1, 2, 3].map((scale) => tf.cumsum(tf.sin(tf.mul(a, scale)), 1));
      return parts.reduce((sum, part) => tf.matMul(sum as tf.Tensor2D, part as tf.Tensor2D));
    }, x);
    expect(kept.bytes).toBeGreaterThanOrEqual(3 * own);
    expect(kept.bytes).toBeLessThanOrEqual(5 * own);
  });

  test("refuses another backend", async () => {
    await import("@tensorflow/tfjs-backend-cpu");
    await tf.setBackend("cpu");
    try {
      expect(() => graphCost((x: tf.Tensor) => x, tf.zeros([1]))).toThrow(/must be onnx, got cpu/);
    } finally {
      await tf.setBackend("onnx");
    }
  });
});
