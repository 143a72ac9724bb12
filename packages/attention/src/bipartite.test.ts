import { inference, key, normal, training } from "@ganymede/core";
import { linear, sinusoidalGrid } from "@ganymede/core/nn";
import { checkAttention, expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import { duplex } from "./duplex.js";
import { latentSelf } from "./latent-self.js";
import { simplex } from "./simplex.js";

beforeAll(() => tf.setBackend("cpu"));

const masked = { masks: true, memoryChannels: 6, draws: true };

describe("conforms", () => {
  test("simplex", () => checkAttention(simplex(), { ...masked, tolerance: 5e-3 }));
  test("simplex with both gates, shift and scale", () =>
    checkAttention(simplex({ integration: "both", gates: { tokens: true, memory: true } }), masked));
  test("simplex under the instance norm", () => checkAttention(simplex({ norm: "instance" }), masked));
  // Two rounds of moving centroids bend sharply where weights do.
  test("duplex", () =>
    checkAttention(duplex({ rounds: 2 }), { draws: true, memoryChannels: 6, step: 0.01, tolerance: 5e-3 }));
  test("duplex with learned centroids", () =>
    checkAttention(duplex({ centroids: "learned", latents: 7 }), {
      draws: true,
      equivariant: false,
      step: 0.02,
      tolerance: 5e-3,
    }));
  test("latent-self", () => checkAttention(latentSelf(), { draws: true }));
});

test("simplex by hand: one pixel between two latents", async () => {
  const layer = simplex({ integration: "add", norm: null, dropout: 0 }).create({ channels: 1, heads: 1, linear });
  const map = (weight: number) => ({ weight: tf.tensor2d([[weight]]), bias: tf.zeros([1]) as tf.Tensor1D });
  const params = { query: map(1), keys: map(1), value: map(2), control: map(3) };
  const memory = tf.tensor3d([0, Math.log(3)], [1, 2, 1]); // weights 1/4 and 3/4 for x = 1
  const y = layer.apply(params, { x: tf.ones([1, 1, 1]), memory }, inference);
  await expectAllClose(y, [1 + 3 * 2 * 0.75 * Math.log(3)], { relative: 1e-5 });
});

test("multiply leaves a token of zero control at mean square 1", async () => {
  const layer = simplex().create({ channels: 4, heads: 1 });
  const params = layer.init(key(1));
  const still = { ...params, control: { weight: tf.zeros([4, 4]), bias: tf.zeros([4]) } } as typeof params;
  const x = tf.mul(normal<tf.Rank.R3>(key(2), [1, 3, 4]), 9) as tf.Tensor3D;
  const y = layer.apply(still, { x, memory: x }, inference);
  await expectAllClose(tf.mean(tf.square(y), 2), [1, 1, 1], { relative: 1e-5 });
});

describe("duplex", () => {
  test("assignments of a latent sum to 1, and carry centroids to the next layer", async () => {
    const layer = duplex().create({ channels: 8, heads: 2 });
    const params = layer.init(key(3));
    const [x, memory] = [normal<tf.Rank.R3>(key(4), [1, 6, 8]), normal<tf.Rank.R3>(key(5), [1, 3, 8])];
    const first = layer.attend(params, { x, memory }, inference);
    await expectAllClose(tf.sum(first.assignments, 3), Array(6).fill(1), { relative: 1e-5 });
    const carried = layer.attend(params, { x, memory, assignments: first.assignments }, inference);
    const again = duplex({ rounds: 2 }).create({ channels: 8, heads: 2 }).attend(params, { x, memory }, inference);
    await expectAllClose(carried.weights, again.weights, { relative: 1e-5 });
  });

  test("one head follows the formula in loops", async () => {
    const layer = duplex({ centroids: "learned", latents: 2, dropout: 0 }).create({ channels: 3, heads: 1, linear });
    const params = layer.init(key(6));
    const x = normal<tf.Rank.R3>(key(7), [1, 4, 3]);
    const { weights } = layer.attend(params, { x, memory: normal(key(8), [1, 2, 3]) }, inference);
    const q = (
      tf.squeeze(linear({ inputs: 3, outputs: 3 }).apply(params.query, x, inference)) as tf.Tensor2D
    ).arraySync();
    const m = (
      tf.squeeze((params.centroids as { readonly centroids: tf.Tensor }).centroids) as tf.Tensor2D
    ).arraySync();
    const expected = q.flatMap((row) => {
      const powers = m.map((centre) => Math.exp(row.reduce((s, v, i) => s + v * centre[i]!, 0) / Math.sqrt(3)));
      return powers.map((power) => power / (powers[0]! + powers[1]!));
    });
    await expectAllClose(weights, expected, { relative: 1e-5 });
  });
});

test("positions come exactly when they are asked for", () => {
  const x = tf.zeros([1, 4, 8]) as tf.Tensor3D;
  const layer = latentSelf({ positionWidth: 8 }).create({ channels: 8, heads: 1 });
  const params = layer.init(key(9));
  expect(() => layer.apply(params, x, inference)).toThrow(/positionWidth is set, got 8 and none/);
  expect(layer.attend(params, x, inference, sinusoidalGrid(2, 8)).y.shape).toEqual([1, 4, 8]);
});

test("training drops weights by key, and keeps their mean", async () => {
  const layer = simplex({ integration: "add", norm: null, dropout: 0.5 }).create({ channels: 4, heads: 1 });
  const params = layer.init(key(10));
  const [x, memory] = [tf.zeros([1, 2000, 4]) as tf.Tensor3D, normal<tf.Rank.R3>(key(11), [1, 40, 4])];
  const { weights } = layer.attend(params, { x, memory }, training(key(12)));
  const values = await weights.data();
  const zeros = values.filter((value) => value === 0).length / values.length;
  expect(zeros).toBeGreaterThan(0.3); // 1 - 0.75^2 = 0.44 on average, columns in steps of 1 / 40
  expect(zeros).toBeLessThan(0.58);
});
