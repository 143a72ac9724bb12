import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, expect, test } from "vitest";
import * as nn from "../nn/index.js";
import { expectAllClose } from "../testing/index.js";

beforeAll(() => tf.setBackend("cpu"));

const counted = (...shape: [number, number, number, number]) =>
  tf.reshape<tf.Rank.R4>(tf.range(0, tf.util.sizeFromShape(shape)), shape);

test("gelu and silu at known points", async () => {
  const x = tf.tensor1d([-30, -1, 0, 1, 30]);
  await expectAllClose(nn.gelu(x), [0, -0.15865525, 0, 0.84134475, 30], { relative: 1e-5, absolute: 1e-6 });
  await expectAllClose(nn.silu(x), [0, -0.26894142, 0, 0.73105858, 30], { relative: 1e-5, absolute: 1e-6 });
});

test("scaledLeakyRelu keeps a fifth of what is negative, times sqrt(2)", async () => {
  await expectAllClose(nn.scaledLeakyRelu(tf.tensor1d([-5, 2])), [-Math.SQRT2, 2 * Math.SQRT2]);
});

test("norms of the last axis", async () => {
  const x = tf.tensor2d([3, 4, 0, 5], [2, 2]);
  await expectAllClose(nn.unitNorm(x), [0.6, 0.8, 0, 1], { relative: 1e-5 });
  await expectAllClose(tf.mean(tf.square(nn.pixelNorm(x)), 1), [1, 1], { relative: 1e-5 });
  await expectAllClose(nn.layerNormalize(x, 0), [-1, 1, -1, 1], { relative: 1e-5 });
  expect(nn.unitNorm(tf.zeros([1, 3])).dataSync()).toEqual(new Float32Array(3));
});

test("pixelShuffle puts channel c r r + i r + j at (h r + i, w r + j)", () => {
  const y = nn.pixelShuffle(counted(1, 1, 2, 8), 2).arraySync()[0]!;
  expect(y).toEqual([
    [
      [0, 4],
      [1, 5],
      [8, 12],
      [9, 13],
    ],
    [
      [2, 6],
      [3, 7],
      [10, 14],
      [11, 15],
    ],
  ]);
  expect(() => nn.pixelShuffle(counted(1, 1, 1, 3), 2)).toThrow(/must divide the channels, got 2 and 3/);
});

test("averagePool, upsample, zeroStuff and keepEvery", async () => {
  const x = counted(1, 2, 2, 1);
  await expectAllClose(nn.averagePool(x), [1.5]);
  expect(() => nn.averagePool(counted(1, 3, 2, 1))).toThrow(/must divide height and width, got 2 and 3x2/);
  await expectAllClose(nn.upsample(x), [0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3]);
  await expectAllClose(nn.zeroStuff(x), [0, 0, 1, 0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 0, 0]);
  await expectAllClose(nn.keepEvery(nn.zeroStuff(x)), x);
});

test("filter blurs each channel with normalised taps", async () => {
  const x = tf.concat([tf.ones([1, 4, 4, 1]), tf.fill([1, 4, 4, 1], 2)], 3) as tf.Tensor4D;
  const y = nn.filter(x, { taps: [1, 3, 3, 1], padding: [0, 0] });
  expect(y.shape).toEqual([1, 1, 1, 2]);
  await expectAllClose(y, [1, 2], { relative: 1e-6 });
});

test("filter with zeros between pixels, and keeping every second result, is what the steps give one by one", async () => {
  const x = tf.sin(counted(2, 6, 4, 3)) as tf.Tensor4D;
  const taps = [1, 2, 5, 4];
  const up = nn.filter(x, { taps, padding: [2, 1], gain: 4, up: 2 });
  expect(up.shape).toEqual([2, 12, 8, 3]);
  await expectAllClose(up, nn.filter(nn.zeroStuff(x), { taps, padding: [2, 1], gain: 4 }), { absolute: 1e-6 });
  const down = nn.filter(x, { taps, padding: [2, 2], down: 2 });
  await expectAllClose(down, nn.keepEvery(nn.filter(x, { taps, padding: [2, 3] })), { absolute: 1e-6 });
});

test("blurs keep what is constant away from the border, at twice and at half the size", async () => {
  const x = tf.fill<tf.Rank.R4>([1, 6, 6, 1], 3);
  const inner = (y: tf.Tensor4D) => tf.slice4d(y, [0, 2, 2, 0], [1, y.shape[1] - 4, y.shape[2] - 4, 1]);
  const [up, down] = [nn.blurUp(x, [1, 3, 3, 1]), nn.blurDown(tf.fill([1, 12, 12, 1], 3), [1, 3, 3, 1])];
  expect([up.shape, down.shape]).toEqual([
    [1, 12, 12, 1],
    [1, 6, 6, 1],
  ]);
  await expectAllClose(inner(up), tf.fill([1, 8, 8, 1], 3), { relative: 1e-5 });
  await expectAllClose(inner(down), tf.fill([1, 2, 2, 1], 3), { relative: 1e-5 });
});

test("convolveUp is a blur between zeros and a convolution with the turned kernel", async () => {
  const x = tf.sin(counted(1, 3, 4, 2)) as tf.Tensor4D;
  const weight = tf.cos(counted(3, 3, 2, 5)) as tf.Tensor4D;
  const spread = nn.filter(x, { taps: [1, 3, 3, 1], padding: [3, 2], gain: 4, up: 2 });
  const expected = tf.conv2d(spread, tf.reverse4d(weight, [0, 1]), 1, "valid");
  await expectAllClose(nn.convolveUp(x, weight, [1, 3, 3, 1]), expected, { absolute: 1e-4 });
});

test("minibatchStdDev adds the mean deviation of each group", async () => {
  const x = tf.tensor4d([1, 10, 3, 10], [4, 1, 1, 1]); // groups of 2: samples 0 and 2, 1 and 3
  const y = nn.minibatchStdDev(x, { groupSize: 2 });
  await expectAllClose(tf.slice4d(y, [0, 0, 0, 1], [4, 1, 1, 1]), [1, 1e-4, 1, 1e-4], { relative: 1e-5 });
  expect(() => nn.minibatchStdDev(tf.zeros([3, 1, 1, 1]), { groupSize: 2 })).toThrow(
    /must divide the batch, got 2 and 3/,
  );
});

test("minibatchStdDev with several features keeps runs of channels apart, on a map that is not square", async () => {
  const [batch, height, width, channels, groupSize, features] = [6, 2, 3, 4, 3, 2] as const;
  const x = tf.sin(counted(batch, height, width, channels)) as tf.Tensor4D;
  const values = x.arraySync();
  const groups = batch / groupSize;
  const expected = values.map((image, sample) =>
    image.map((row) =>
      row.map((pixel) => {
        const added = Array.from({ length: features }, (_, feature) => {
          let sum = 0;
          const run = channels / features;
          for (let y = 0; y < height; y++) {
            for (let column = 0; column < width; column++) {
              for (let channel = feature * run; channel < (feature + 1) * run; channel++) {
                const members = Array.from(
                  { length: groupSize },
                  (_value, member) => values[member * groups + (sample % groups)]?.[y]?.[column]?.[channel] as number,
                );
                const mean = members.reduce((total, value) => total + value, 0) / groupSize;
                const variance = members.reduce((total, value) => total + (value - mean) ** 2, 0) / groupSize;
                sum += Math.sqrt(variance + 1e-8);
              }
            }
          }
          return sum / (height * width * run);
        });
        return [...pixel, ...added];
      }),
    ),
  );
  await expectAllClose(nn.minibatchStdDev(x, { groupSize, features }), tf.tensor4d(expected), { relative: 1e-5 });
  expect(() => nn.minibatchStdDev(x, { groupSize, features: 3 })).toThrow(/must divide the channels, got 3 and 4/);
});

test("grid positions run along columns first, from -1 to 1", () => {
  expect(nn.gridPositions(2).arraySync()).toEqual([
    [-1, -1],
    [1, -1],
    [-1, 1],
    [1, 1],
  ]);
});
