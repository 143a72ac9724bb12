import { inference, key, normal } from "@ganymede/core";
import { rootMeanSquareNorm } from "@ganymede/core/nn";
import { checkAttention, expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, expect, test } from "vitest";
import { cosine, cosineWeights } from "./cosine.js";
import { dotProductWeights, dotProductWith, maskBias, relativePositionBias } from "./dot-product.js";

beforeAll(() => tf.setBackend("cpu"));

test("conforms with norms, positions and a mask together", () =>
  checkAttention(
    dotProductWith({
      norm: rootMeanSquareNorm as never,
      biases: [relativePositionBias(), maskBias((i, j) => Math.abs(i - j) < 3)],
    }),
    { grid: [2, 3], equivariant: false },
  ));

test("a mask hides a token however large its logit", async () => {
  const sees = maskBias((i, j) => j <= i).create({ channels: 4, heads: 1 });
  const q = tf.fill([1, 1, 3, 4], 1e4) as tf.Tensor4D;
  const weights = dotProductWeights(tf.ones([1, 1, 3, 4]), q, sees.apply({}, 3, inference));
  await expectAllClose(weights, [1, 0, 0, 0.5, 0.5, 0, 1 / 3, 1 / 3, 1 / 3], { relative: 1e-6 });
});

test("positions need a grid", () => {
  expect(() => dotProductWith({ biases: [relativePositionBias()] }).create({ channels: 8, heads: 2 })).toThrow(
    /"grid"/,
  );
});

test("relative positions alone: uniform tokens see each other by the table", async () => {
  const layer = dotProductWith({ biases: [relativePositionBias()] }).create({ channels: 4, heads: 1, grid: [1, 2] });
  const params = layer.init(key(1));
  const bias = { table: tf.tensor2d([[0], [Math.log(3)], [0]]) }; // one's own place weighs 3, the other 1
  const identity = { weight: tf.eye(4) };
  const set = { ...params, value: identity, output: { ...identity, bias: tf.zeros([4]) }, biases: [bias] } as never;
  const x = normal<tf.Rank.R3>(key(2), [1, 2, 4]);
  const zeroQueries = { ...(set as object), query: { weight: tf.zeros([4, 4]) } } as never;
  const [a, b] = tf.unstack(x, 1) as [tf.Tensor, tf.Tensor];
  const mixed = (own: tf.Tensor, other: tf.Tensor) => tf.add(tf.mul(own, 0.75), tf.mul(other, 0.25));
  await expectAllClose(layer.apply(zeroQueries, x, inference), tf.stack([mixed(a, b), mixed(b, a)], 1), {
    relative: 1e-5,
  });
});

test("cosine conforms", () => checkAttention(cosine(), { step: 0.01, tolerance: 5e-3 }));

test("cosine weights follow the formula in loops, whatever the lengths", async () => {
  const [q, k] = [normal<tf.Rank.R4>(key(4), [1, 2, 4, 3]), normal<tf.Rank.R4>(key(5), [1, 2, 4, 3])];
  const sharpness = [Math.log(10), 7]; // the second is held at 100
  const cosine = (a: number[], b: number[]) => {
    const dot = (p: number[], r: number[]) => p.reduce((sum, value, i) => sum + value * r[i]!, 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  };
  const expected = q.arraySync()[0]!.flatMap((head, h) =>
    head.flatMap((row) => {
      const powers = k
        .arraySync()[0]!
        [h]!.map((other) => Math.exp(cosine(row, other) * Math.min(100, Math.exp(sharpness[h]!))));
      const sum = powers.reduce((total, power) => total + power, 0);
      return powers.map((power) => power / sum);
    }),
  );
  const close = { relative: 2e-4, absolute: 1e-6 };
  await expectAllClose(cosineWeights(q, k, tf.tensor1d(sharpness)), expected, close);
  await expectAllClose(cosineWeights(tf.mul(q, 1e4), k, tf.tensor1d(sharpness)), expected, close);
});
