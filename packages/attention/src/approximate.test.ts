import type { ObservedAttention } from "@ganymede/core";
import { inference, key, normal, permutation, training } from "@ganymede/core";
import { observingAttention } from "@ganymede/core/nn";
import { checkAttention, checkGradients, expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import { cross } from "./cross.js";
import { dotProduct } from "./dot-product.js";
import { fullQk, sharedWeights } from "./full-qk.js";
import { linearAttention } from "./linear.js";
import { linformer } from "./linformer.js";
import { bucketsOf, hashedAttention, lsh } from "./lsh.js";
import { nystrom, pseudoInverse } from "./nystrom.js";
import { sortByBucket } from "./parts/hashing.js";
import { keyFeatures, orthogonalFeatures, performer, queryFeatures } from "./performer.js";
import { setQueries } from "./set-queries.js";

beforeAll(() => tf.setBackend("cpu"));

const options = { channels: 8, heads: 2 };
const x = () => normal<tf.Rank.R3>(key(21), [1, 16, 8]);

/** |a - b| / |b|. */
const relative = (a: tf.Tensor, b: tf.Tensor) => tf.div(tf.norm(tf.sub(a, b)), tf.norm(b)).dataSync()[0]!;

describe("conforms", () => {
  // Hashing jumps: derivatives between jumps are checked below, with buckets held fast.
  test("lsh", () =>
    checkAttention(lsh({ bucketSize: 2 }), { draws: true, tokens: 8, equivariant: false, anySize: false, order: 0 }));
  test("full-qk", () => checkAttention(fullQk(), { step: 0.02, tolerance: 5e-3 }));
  // elu bends at 0: its second derivative jumps.
  test("linear", () => checkAttention(linearAttention(), { step: 0.005, tolerance: 1e-2 }));
  // The maximum counts as constant, which epsilon makes inexact.
  test("performer", () => checkAttention(performer({ features: 6 }), { step: 0.02, tolerance: 2e-2 }));
  test("linformer", () => checkAttention(linformer({ rank: 3 }), { grid: [2, 3], equivariant: false }));
  test("nystrom", () => checkAttention(nystrom({ landmarks: 2 }), { tokens: 6, equivariant: false }));
  test("set-queries", () => checkAttention(setQueries({ queries: 3 })));
  test("cross", () => checkAttention(cross(), { masks: true, memoryChannels: 6 }));
});

describe("lsh", () => {
  test.each([false, true])("one pair of buckets is exact shared-QK attention, causal: %s", async (causal) => {
    const [qk, v] = [normal<tf.Rank.R3>(key(1), [2, 8, 4]), normal<tf.Rank.R3>(key(2), [2, 8, 4])];
    const buckets = bucketsOf(qk, normal(key(3), [4, 1, 1]));
    const weights = sharedWeights(tf.expandDims(qk, 1), { causal });
    if (causal) expect(weights.arraySync()[0]![0]![2]!.slice(3)).toEqual([0, 0, 0, 0, 0]);
    const exact = tf.squeeze(tf.matMul(weights, tf.expandDims(v, 1)), [1]);
    const hashed = hashedAttention(qk, v, buckets, { bucketSize: 4, causal });
    await expectAllClose(hashed, exact, { relative: 1e-4, absolute: 1e-5 });
  });

  test("sorting is stable, and back undoes it", () => {
    const { order, back } = sortByBucket(tf.tensor3d([[[1, 0, 1, 0, 2, 0]]], [1, 1, 6], "int32"));
    expect(Array.from(order.dataSync())).toEqual([1, 3, 5, 0, 2, 4]);
    expect(Array.from(back.dataSync())).toEqual([3, 0, 4, 1, 5, 2]);
  });

  test("between jumps the derivatives are right, with every mask", () =>
    checkGradients(
      ({ qk, v }) =>
        hashedAttention(
          qk,
          v,
          tf.tensor3d(
            [
              [
                [0, 1, 1, 0, 0, 1, 0, 1],
                [1, 1, 0, 0, 1, 0, 0, 1],
              ],
            ],
            [1, 2, 8],
            "int32",
          ),
          {
            bucketSize: 2,
            duplicates: false,
          },
        ),
      { qk: normal<tf.Rank.R3>(key(4), [1, 8, 3]), v: normal<tf.Rank.R3>(key(5), [1, 8, 3]) },
      { step: 0.02, tolerance: 5e-3 },
    ));

  test("training draws rotations from the key", async () => {
    const layer = lsh({ bucketSize: 2, rounds: 1 }).create(options);
    const params = layer.init(key(6));
    const train = (seed: number) => layer.apply(params, x(), training(key(seed)));
    await expectAllClose(train(1), train(1), { relative: 0, absolute: 0 });
    await expect(expectAllClose(train(1), train(2))).rejects.toThrow();
  });

  test("says which numbers of tokens fit", () => {
    const layer = lsh({ bucketSize: 8 }).create(options);
    expect(() => layer.apply(layer.init(key(7)), tf.zeros([1, 24, 8]), inference)).toThrow(
      /multiple of twice the bucket size 8/,
    );
  });
});

describe("performer", () => {
  test("directions of a block are at right angles, and as long as Gaussian vectors", () => {
    const rows = tf.tensor2d(orthogonalFeatures(3, 6, 4), [6, 4]).arraySync();
    const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
    for (const [i, j] of [
      [0, 1],
      [1, 3],
      [4, 5],
    ] as const)
      expect(Math.abs(dot(rows[i]!, rows[j]!))).toBeLessThan(1e-5);
    const many = tf.tensor2d(orthogonalFeatures(4, 4000, 4), [4000, 4]);
    expect(tf.mean(tf.sum(tf.square(many), 1)).dataSync()[0]).toBeCloseTo(4, 0);
  });

  test("products of features estimate exp(q k / sqrt(D)), better with more of them", () => {
    const [q, k] = [
      normal<tf.Rank.R4>(key(8), [1, 1, 12, 4], 0, 0.7),
      normal<tf.Rank.R4>(key(9), [1, 1, 12, 4], 0, 0.7),
    ];
    const exact = tf.exp(tf.div(tf.matMul(q, k, false, true), 2));
    const share = (y: tf.Tensor) => tf.div(y, tf.sum(y, 3, true));
    const error = (count: number) => {
      const p = tf.tensor2d(orthogonalFeatures(5, count, 4), [count, 4]);
      const products = tf.matMul(queryFeatures(q, p, 0), keyFeatures(k, p, 0), false, true);
      return relative(share(products), share(exact));
    };
    expect(error(4096)).toBeLessThan(0.1);
    expect(error(4096)).toBeLessThan(error(16) / 4);
  });
});

test("linear attention follows its formula in loops", async () => {
  const layer = linearAttention().create({ channels: 2, heads: 1 });
  const identity = { weight: tf.eye(2) as tf.Tensor2D };
  const params = { query: identity, keys: identity, value: identity, output: identity };
  const tokens = [
    [1, -1],
    [0.5, 2],
    [-2, 0.3],
  ];
  const f = (value: number) => (value > 0 ? value + 1 : Math.exp(value));
  const expected = tokens.flatMap((q) => {
    const scores = tokens.map((k) => f(q[0]!) * f(k[0]!) + f(q[1]!) * f(k[1]!));
    const sum = scores.reduce((a, b) => a + b, 0);
    return [0, 1].map((c) => scores.reduce((s, score, j) => s + (score / sum) * tokens[j]![c]!, 0));
  });
  await expectAllClose(layer.apply(params, tf.tensor3d([tokens]), inference), expected, { relative: 1e-4 });
});

test("linformer with one-hot mixing of full rank is exact attention", async () => {
  const layer = linformer().create({ ...options, grid: [4, 4] });
  const params = layer.init(key(10));
  const order = Array.from(permutation(key(11), 16));
  const mix = tf.cast(tf.oneHot(tf.tensor1d(order, "int32"), 16), "float32");
  const exact = dotProduct().create(options).apply(params, x(), inference);
  const mixed = layer.apply({ ...params, mixKeys: mix as tf.Tensor2D, mixValues: mix as tf.Tensor2D }, x(), inference);
  await expectAllClose(mixed, exact, { relative: 1e-4, absolute: 1e-6 });
});

describe("nystrom", () => {
  test("the iteration inverts", async () => {
    const a = tf.softmax(tf.mul(normal<tf.Rank.R4>(key(12), [1, 2, 4, 4]), 3)) as tf.Tensor4D;
    await expectAllClose(
      tf.matMul(pseudoInverse(a, 30), a),
      tf.tile(tf.reshape(tf.eye(4), [1, 1, 4, 4]), [1, 2, 1, 1]),
      {
        relative: 0,
        absolute: 2e-3,
      },
    );
  });

  test("as many landmarks as tokens reconstruct exact attention", () => {
    const params = dotProduct().create(options).init(key(13));
    const exact = dotProduct().create(options).apply(params, x(), inference);
    const rebuilt = nystrom({ landmarks: 16, iterations: 30 }).create(options).apply(params, x(), inference);
    expect(relative(rebuilt, exact)).toBeLessThan(1e-2);
  });
});

test("set queries read any number of tokens in any order", async () => {
  const layer = setQueries({ queries: 3 }).create(options);
  const observed: ObservedAttention[] = [];
  const observing = observingAttention(inference, (attention) => observed.push(attention));
  const y = layer.apply(layer.init(key(14)), x(), observing);
  const weights = observed[0]!.weights!;
  expect([y.shape, weights.shape]).toEqual([
    [1, 3, 8],
    [1, 2, 3, 16],
  ]);
  await expectAllClose(tf.sum(weights, 3), Array(6).fill(1), { relative: 1e-5 });
});
