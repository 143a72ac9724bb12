import { inference, key, normal, training } from "@ganymede/core";
import { checkAttention, expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import { dotProduct } from "./dot-product.js";
import {
  bandDistance,
  bandMask,
  localInit,
  localitySchedules,
  localityWidth,
  scheduledMask,
  windowDistance,
  windowMask,
} from "./local-init.js";
import { addTokenNoise, withTokenNoise } from "./token-noise.js";

beforeAll(() => tf.setBackend("cpu"));

describe("local-init", () => {
  test("conforms", () => checkAttention(localInit({ width: 1 }), { equivariant: false }));

  test("opens until it is dot-product attention", async () => {
    const options = { channels: 8, heads: 2 };
    const x = normal<tf.Rank.R3>(key(1), [1, 9, 8]);
    const params = dotProduct().create(options).init(key(2));
    const open = dotProduct().create(options).apply(params, x, inference);
    await expectAllClose(localInit({ width: null }).create(options).apply(params, x, inference), open, { relative: 0 });
    const narrow = localInit()
      .create(options)
      .apply({ ...params, biases: [{}] }, x, inference);
    await expect(expectAllClose(narrow, open)).rejects.toThrow();
  });

  test("masks: a band of the list, a square of the map", () => {
    const at = (mask: ReturnType<typeof bandMask>) =>
      (mask.create({ channels: 4, heads: 1, grid: [3, 3] }).apply({}, 9, inference) as tf.Tensor2D)
        .arraySync()[0]!
        .flatMap((value, j) => (value === 0 ? [j] : []));
    expect(at(bandMask(2))).toEqual([0, 1, 2]);
    expect(at(windowMask(1))).toEqual([0, 1, 3, 4]);
  });

  test("the schedule of the release", () => {
    const widths = [0, 21, 22, 59, 60].map((epoch) => localityWidth(localitySchedules.cifar10, epoch));
    expect(widths).toEqual([4, 4, 6, 10, null]);
    expect(() => localInit({ width: -1 })).toThrow(/width must be a whole number from 0 up, or null, got -1/);
  });
});

test("a scheduled mask is the fixed one of its step, and open without a step", async () => {
  const options = { channels: 4, heads: 1, grid: [3, 3] as const };
  const schedule = [
    { before: 2, width: 1 },
    { before: 5, width: 2 },
  ];
  for (const [distance, fixed] of [
    [bandDistance, bandMask],
    [windowDistance, windowMask],
  ] as const) {
    const mask = scheduledMask({ distance, schedule }).create(options);
    const at = (step: number) => mask.apply({}, 9, { ...inference, step: tf.scalar(step) });
    for (const [step, width] of [
      [0, 1],
      [1, 1],
      [2, 2],
      [4, 2],
      [5, 9],
    ] as const) {
      await expectAllClose(at(step), fixed(width).create(options).apply({}, 9, inference));
    }
    expect(mask.apply({}, 9, inference).dataSync()).toEqual(Float32Array.of(0));
  }
});

describe("token noise", () => {
  const noisy = withTokenNoise(dotProduct());

  test("conforms", () => checkAttention(noisy, { draws: true }));

  test("is one number for each token, times the strength", async () => {
    const y = addTokenNoise(tf.ones([1, 2, 3]), tf.tensor3d([[[1], [-2]]]), tf.tensor1d([0.5]));
    await expectAllClose(y, [1.5, 1.5, 1.5, 0, 0, 0]);
  });

  test("follows the key in training", async () => {
    const layer = noisy.create({ channels: 4, heads: 1 });
    const params = { ...layer.init(key(1)), strength: tf.tensor1d([1]) };
    const x = normal<tf.Rank.R3>(key(3), [1, 3, 4]);
    const train = (seed: number) => layer.apply(params, x, training(key(seed)));
    await expectAllClose(train(1), train(1), { relative: 0, absolute: 0 });
    await expect(expectAllClose(train(1), train(2))).rejects.toThrow();
  });
});
