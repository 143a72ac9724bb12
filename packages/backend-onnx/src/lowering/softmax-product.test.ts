import { compile, fold, key, normal } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { graphCost, onnxBackend } from "../index.js";

const draw = (label: string, shape: number[]): tf.Tensor4D =>
  normal(fold(key(3), label), shape as [number, number, number, number]);

type Inputs = [q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, bias: tf.Tensor4D];

/** The value, the log-sum-exp, and the cotangents of all inputs, from the kernels. */
function kernels(dy: tf.Tensor, [q, k, v, bias]: Inputs): tf.Tensor[] {
  const [y, sum] = tf.engine().runKernel("SoftmaxProduct", { q, k, v, bias }) as [tf.Tensor, tf.Tensor];
  return [y, sum, ...(tf.engine().runKernel("SoftmaxProductGrad", { q, k, v, bias, y, sum, dy }) as tf.Tensor[])];
}

function plain(dy: tf.Tensor, inputs: Inputs): tf.Tensor[] {
  const logits = ([q, k, , bias]: tf.Tensor[]) => tf.add(tf.matMul(q!, k!, false, true), bias!);
  const product = (...all: tf.Tensor[]) => tf.matMul(tf.softmax(logits(all)), all[2]!);
  const cotangents = tf.grads((...all) => tf.sum(tf.mul(product(...all), dy)))(inputs);
  return [product(...inputs), tf.logSumExp(logits(inputs), 3, true), ...cotangents];
}

function worstDifference(ours: tf.Tensor, reference: tf.Tensor): number {
  const scale = tf.max(tf.abs(reference)).dataSync()[0]!;
  return tf.max(tf.abs(tf.sub(ours, reference))).dataSync()[0]! / Math.max(scale, 1e-6);
}

beforeAll(() => onnxBackend({ threads: 1 }).activate());

describe("SoftmaxProduct and SoftmaxProductGrad", () => {
  test.each([
    ["one tile", 5, 7],
    ["whole blocks of queries and keys", 2048, 1024],
    ["blocks that must be filled up", 1027, 2051],
  ])("equal the plain form: %s", async (_, queries, keys) => {
    const inputs: Inputs = [
      draw("q", [2, 2, queries, 3]),
      draw("k", [2, 2, keys, 3]),
      draw("v", [2, 2, keys, 4]),
      draw("bias", [2, 2, 1, keys]),
    ];
    const dy = draw("dy", [2, 2, queries, 4]);
    const none = tf.zerosLike(inputs[3]);
    for (const withBias of [true, false]) {
      const arguments_ = (list: tf.Tensor[]): Inputs => [
        ...(list.slice(0, 3) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D]),
        withBias ? (list[3] as tf.Tensor4D) : tf.zeros<tf.Rank.R4>([2, 2, 1, keys]),
      ];
      const ours = await compile((list: tf.Tensor[]) => kernels(list[4]!, arguments_(list)))([...inputs, dy]);
      const theirs = await compile((list: tf.Tensor[]) => plain(list[4]!, arguments_(list)))([
        ...inputs.slice(0, 3),
        withBias ? inputs[3] : none,
        dy,
      ]);
      // Without a bias there is none whose cotangent counts.
      const count = withBias ? 6 : 5;
      for (let i = 0; i < count; i++) expect(worstDifference(ours[i]!, theirs[i]!)).toBeLessThan(1e-5);
    }
  });

  test("a block of keys far below the others, and logits of 1e4, leave finite numbers", async () => {
    const keys = tf.concat([tf.mul(draw("k", [1, 1, 1100, 3]), 1e4), tf.fill([1, 1, 1100, 3], -1e4)], 2) as tf.Tensor4D;
    const inputs: Inputs = [
      tf.ones([1, 1, 4, 3]),
      keys,
      draw("v", [1, 1, 2200, 4]),
      tf.zeros<tf.Rank.R4>([1, 1, 1, 2200]),
    ];
    const [ours, theirs] = [kernels(tf.ones([1, 1, 4, 4]), inputs), plain(tf.ones([1, 1, 4, 4]), inputs)];
    expect(worstDifference(ours[0]!, theirs[0]!)).toBeLessThan(1e-5);
    for (const result of ours) expect(tf.all(tf.isFinite(result)).dataSync()[0]).toBe(1);
  });

  test("queries that only fill up a block stay finite beside a bias of 200", () => {
    const dy = draw("dy", [1, 1, 1025, 4]);
    const inputs: Inputs = [
      draw("q", [1, 1, 1025, 3]),
      draw("k", [1, 1, 8, 3]),
      draw("v", [1, 1, 8, 4]),
      tf.fill([1, 1, 1, 8], 200),
    ];
    const theirs = plain(dy, inputs);
    // The gradient of an equal bias is the rounding of a sum that is 0.
    for (const [i, result] of kernels(dy, inputs).slice(0, 5).entries()) {
      expect(worstDifference(result, theirs[i]!)).toBeLessThan(1e-4);
    }
  });

  test("two products forward and five backward are counted, and memory of one tile", () => {
    const shape = [1, 2, 4096, 8];
    const inputs: Inputs = [draw("q", shape), draw("k", shape), draw("v", shape), tf.zeros([1, 2, 1, 4096])];
    const { flops, bytes } = graphCost(
      (list: tf.Tensor[]) => kernels(list[0]!, [list[0], list[1], list[2], tf.zeros([1, 2, 1, 4096])] as Inputs),
      inputs.slice(0, 3),
    );
    const product = 2 * 2 * 4096 * 4096 * 8;
    // Two of the backward products are a column wider.
    expect(flops).toBe(7 * product + (2 * product) / 8);
    expect(bytes).toBeLessThan((4 * 2 * 4096 * 4096) / 4);
    expect(bytes).toBeGreaterThan(2 * 4 * 1024 * 1024);
  });
});
