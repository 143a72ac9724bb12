import { inference, key, normal } from "@ganymede/core";
import { checkAttention, checkMixer, expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import { augmentedConvolution } from "./augmented-conv.js";
import { portAugmentedConvolution } from "./augmented-conv-port.js";
import { local } from "./local.js";
import { localPerChannel } from "./local-per-channel.js";
import { neighbourhood } from "./neighbourhood.js";

beforeAll(() => tf.setBackend("cpu"));

const small = { grid: [3, 3] as const, equivariant: false };

describe("conforms", () => {
  test("local", () => checkAttention(local({ kernel: 3 }), { ...small, step: 0.02, tolerance: 5e-3 }));
  test("local, masked and scaled", () => checkAttention(local({ kernel: 3, border: "masked", scaled: true }), small));
  test("local-per-channel", () => checkAttention(localPerChannel({ kernel: 3 }), { ...small, tolerance: 5e-3 }));
  test("neighbourhood", () => checkAttention(neighbourhood({ kernel: 3 }), small));
  test("augmented-conv", () => checkMixer(augmentedConvolution));
  test("augmented-conv-port", () => checkMixer(portAugmentedConvolution, { order: 1 }));
});

/** The pixels that a pixel of a 5 x 5 map sees. */
function seenBy(pixel: number, run: (x: tf.Tensor4D) => tf.Tensor4D): number[] {
  const x = normal<tf.Rank.R4>(key(8), [1, 5, 5, 4]);
  const at = (map: tf.Tensor4D) => tf.slice(tf.reshape(map, [25, 4]), [pixel, 0], [1, 4]).dataSync();
  const before = at(run(x));
  return Array.from({ length: 25 }, (_, place) => place).filter((place) => {
    const mark = tf.reshape(tf.oneHot(tf.tensor1d([place], "int32"), 25), [1, 5, 5, 1]);
    return at(run(tf.add(x, mark) as tf.Tensor4D)).some((value, i) => Math.abs(value - before[i]!) > 1e-6);
  });
}

test("a border pixel has fewer neighbours with a mask, and as many as all with a neighbourhood moved inside", () => {
  const masked = local({ kernel: 3, border: "masked" }).create({ channels: 4, heads: 1 });
  const moved = neighbourhood({ kernel: 3 }).create({ channels: 4, heads: 1 });
  const [a, b] = [masked.init(key(1)), moved.init(key(1))];
  expect(seenBy(0, (x) => masked.apply(a, x, inference))).toEqual([0, 1, 5, 6]);
  expect(seenBy(0, (x) => moved.apply(b, x, inference))).toEqual([0, 1, 2, 5, 6, 7, 10, 11, 12]);
  expect(seenBy(12, (x) => masked.apply(a, x, inference))).toEqual([6, 7, 8, 11, 12, 13, 16, 17, 18]);
});

test("local by hand: zeros beyond the border still take their share", async () => {
  const layer = local({ kernel: 3 }).create({ channels: 2, heads: 1 });
  const identity = { weight: tf.eye(2) };
  const flat = { query: { weight: tf.zeros([2, 2]) }, keys: identity, value: identity } as never as object;
  const params = { ...flat, rows: tf.zeros([3, 1, 1]), columns: tf.zeros([3, 1, 1]) } as never;
  await expectAllClose(layer.apply(params, tf.tensor4d([9, 18], [1, 1, 1, 2]), inference), [1, 2], { relative: 1e-6 });
});

test("neighbourhood attention as wide as the map is dot-product attention with positions, in loops", async () => {
  const layer = neighbourhood({ kernel: 3 }).create({ channels: 4, heads: 1 });
  const params = layer.init(key(3));
  const x = normal<tf.Rank.R4>(key(4), [1, 3, 3, 4]);
  const pixels = tf.reshape(x, [9, 4]) as tf.Tensor2D;
  const [q, k, v] = [params.query, params.keys, params.value].map(
    ({ weight }) => tf.matMul(pixels, weight).arraySync() as number[][],
  ) as [number[][], number[][], number[][]];
  const table = params.table.arraySync() as number[][];
  const mixed = q.map((row, i) => {
    const powers = k.map((other, j) => {
      const offset = (Math.floor(j / 3) - Math.floor(i / 3) + 2) * 5 + (j % 3) - (i % 3) + 2;
      return Math.exp(row.reduce((s, value, c) => s + value * other[c]!, 0) / 2 + table[offset]![0]!);
    });
    const sum = powers.reduce((a, b) => a + b, 0);
    return v[0]!.map((_, c) => powers.reduce((s, power, j) => s + (power / sum) * v[j]![c]!, 0));
  });
  const expected = tf.add(tf.matMul(tf.tensor2d(mixed), params.output.weight), params.output.bias!);
  await expectAllClose(layer.apply(params, x, inference), tf.reshape(expected, [1, 3, 3, 4]), {
    relative: 1e-4,
    absolute: 1e-6,
  });
});

test("errors say what fits", () => {
  expect(() => local({ kernel: 4 }).create({ channels: 4, heads: 1 })).toThrow(/odd number of pixels, got 4/);
  const moved = neighbourhood({ kernel: 5 }).create({ channels: 4, heads: 1 });
  expect(() => moved.apply(moved.init(key(1)), tf.zeros([1, 3, 8, 4]), inference)).toThrow(/at least 5 pixels/);
  expect(() => augmentedConvolution().create({ channels: 8, heads: 2 })).toThrow(/needs "grid"/);
  expect(() => augmentedConvolution().create({ channels: 8, heads: 4, grid: [2, 2] })).toThrow(/choose other shares/);
});
