import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import type { Optimizer, ParamTree, Progress, Scheduled } from "@ganymede/core";
import { real } from "@ganymede/core/config";
import { expectAllClose } from "@ganymede/core/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { adam, adamW } from "./adam.js";
import { clipByGlobalNorm } from "./clip.js";
import { scheduleResolver } from "./create-schedule.js";
import { averageDecay, updateAverage } from "./ema.js";
import { lion } from "./lion.js";
import { rmsProp } from "./rmsprop.js";

beforeAll(() => tf.setBackend("cpu"));

const schedule = scheduleResolver();
const at = (step: number, images = 10 * step): Progress => ({ step: tf.scalar(step), images: tf.scalar(images) });

/** Where an optimizer gets in so many steps on sum of (w - 1)^2. */
function descend(optimizer: Optimizer, start: readonly number[], steps: number) {
  let params: ParamTree = { w: tf.tensor1d([...start]) };
  let state = optimizer.init(params);
  for (let step = 0; step < steps; step++) {
    const { w } = params as { w: tf.Tensor };
    const grads: ParamTree = { w: tf.mul(tf.sub(w, 1), 2) };
    ({ params, state } = optimizer.update(grads, state, params, at(step)));
  }
  return { w: (params as { w: tf.Tensor }).w, state };
}

/** The same in float64 by a rule for one weight, from its gradient and a memory of two numbers. */
function reference(
  start: readonly number[],
  steps: number,
  rule: (s: { w: number; m: number; v: number }, g: number, t: number) => void,
) {
  const state = start.map((w) => ({ w, m: 0, v: 0 }));
  for (let t = 1; t <= steps; t++) for (const s of state) rule(s, 2 * (s.w - 1), t);
  return state.map(({ w }) => w);
}

const start = [0.3, -2, 5, 1e-3];
const close = { relative: 2e-6, absolute: 1e-6 };

describe("adam", () => {
  test.each([
    [0.9, 0.999, 0.1, 1e-8, 0],
    [0, 0.99, 0.02, 1e-8, 0],
    [0.5, 0.9999, 0.001, 1e-3, 0.1],
    [0, 0, 0.01, 1e-4, 0],
  ])(
    "follows algorithm 1 for betas %d and %d, rate %d, epsilon %d, decay %d",
    async (beta1, beta2, rate, epsilon, decay) => {
      const settings = { learningRate: rate, beta1, beta2, epsilon };
      const part = decay === 0 ? adam(settings) : adamW({ ...settings, weightDecay: decay });
      const { w, state } = descend(part.create({ schedule }), start, 7);
      const expected = reference(start, 7, (s, g, t) => {
        s.m = beta1 * s.m + (1 - beta1) * g;
        s.v = beta2 * s.v + (1 - beta2) * g * g;
        s.w -= rate * (s.m / (1 - beta1 ** t) / (Math.sqrt(s.v / (1 - beta2 ** t)) + epsilon) + decay * s.w);
      });
      await expectAllClose(w, expected, close);
      expect((state as { count: tf.Scalar }).count.dataSync()[0]).toBe(7);
    },
  );

  test("takes rates and decays from schedules, the correction from the present decay", async () => {
    const beta2: Scheduled = { id: "linear", from: 0.9, to: 0.99, steps: 5 };
    const learningRate: Scheduled = { id: "cosine", from: 0.02, to: 0.005, images: 50 };
    const { w } = descend(adam({ learningRate, beta1: 0, beta2 }).create({ schedule }), start, 7);
    const expected = reference(start, 7, (s, g, t) => {
      const done = Math.min(1, (t - 1) / 5);
      const b2 = 0.9 + 0.09 * done;
      s.v = b2 * s.v + (1 - b2) * g * g;
      const rate = 0.005 + (0.015 * (1 + Math.cos(Math.PI * done))) / 2;
      s.w -= (rate * g) / (Math.sqrt(s.v / (1 - b2 ** t)) + 1e-8);
    });
    await expectAllClose(w, expected, { relative: 2e-5, absolute: 1e-5 });
  });

  test("keeps no first moment where it would equal the gradient", () => {
    const params = { w: tf.tensor1d([1, 2]) };
    expect(adam({ beta1: 0 }).create({ schedule }).init(params).first).toEqual({});
    expect(Object.keys(adam({ beta1: 0.5 }).create({ schedule }).init(params).first)).toEqual(["w"]);
  });
});

test("rmsprop divides by the root of a mean of squares", async () => {
  const { w } = descend(rmsProp({ learningRate: 0.05, decay: 0.8, epsilon: 1e-4 }).create({ schedule }), start, 6);
  const expected = reference(start, 6, (s, g) => {
    s.v = 0.8 * s.v + 0.2 * g * g;
    s.w -= (0.05 * g) / (Math.sqrt(s.v) + 1e-4);
  });
  await expectAllClose(w, expected, close);
});

test("lion moves every weight by the rate", async () => {
  const settings = { learningRate: 0.01, beta1: 0.9, beta2: 0.8, weightDecay: 0.1 };
  const { w } = descend(lion(settings).create({ schedule }), start, 6);
  const expected = reference(start, 6, (s, g) => {
    s.w -= 0.01 * (Math.sign(0.9 * s.m + 0.1 * g) + 0.1 * s.w);
    s.m = 0.8 * s.m + 0.2 * g;
  });
  await expectAllClose(w, expected, close);
});

describe("schedules", () => {
  const range = real({ least: 0 });
  const value = (scheduled: Scheduled, progress: Progress) => {
    const now = schedule(scheduled, "test", range).at(progress);
    return typeof now === "number" ? now : now.dataSync()[0]!;
  };

  test.each<[Scheduled, (step: number) => number]>([
    [0.4, () => 0.4],
    [{ id: "constant", value: 0.3 }, () => 0.3],
    [{ id: "linear", from: 0.4, to: 0.1, steps: 40 }, (n) => 0.4 - 0.3 * Math.min(1, n / 40)],
    [{ id: "linear", from: 0, to: 1, images: 200 }, (n) => Math.min(1, n / 20)],
    [
      { id: "cosine", from: 0.4, to: 0.1, steps: 40 },
      (n) => 0.1 + 0.15 * (1 + Math.cos(Math.PI * Math.min(1, n / 40))),
    ],
    [{ id: "warm-up", to: 0.4, steps: 4 }, (n) => 0.4 * Math.min(1, (n + 1) / 4)],
    [
      { id: "warm-up", to: { id: "linear", from: 1, to: 0, steps: 10 }, steps: 5 },
      (n) => Math.min(1, (n + 1) / 5) * (1 - Math.min(1, n / 10)),
    ],
  ])("%j", (scheduled, expected) => {
    for (const step of [0, 1, 4, 20, 40, 100]) expect(value(scheduled, at(step))).toBeCloseTo(expected(step), 6);
  });

  test.each<[Scheduled, RegExp]>([
    [-1, /^test must be a number from 0 up, got -1$/],
    [{ id: "linear", from: 1, to: -2, steps: 3 }, /^test must be a number from 0 up, got -2$/],
    [{ id: "linear", from: 1, to: 0, steps: 3, images: 3 }, /in steps or in images, got both/],
    [{ id: "sine" }, /test: there is no schedule "sine"; did you mean/],
  ])("refuses %j", (scheduled, message) => {
    expect(() => schedule(scheduled, "test", range)).toThrow(message);
  });
});

describe("moving average", () => {
  const decayAt = (images: number, options: object) =>
    averageDecay({ halfLifeImages: 1000, rampUp: 0, batch: 10, ...options }, tf.scalar(images)).dataSync()[0]!;

  test("halves an old value's weight in a half-life, which the ramp-up caps", () => {
    expect(decayAt(5, {}) ** 100).toBeCloseTo(0.5, 4);
    expect(decayAt(0, { rampUp: 0.05 })).toBe(0);
    expect(decayAt(2000, { rampUp: 0.05 }) ** 10).toBeCloseTo(0.5, 4);
    expect(decayAt(1e6, { rampUp: 0.05 }) ** 100).toBeCloseTo(0.5, 4);
    expect(decayAt(5, { halfLifeImages: tf.scalar(1000) })).toBe(decayAt(5, {}));
    expect(decayAt(5, { halfLifeImages: 0 })).toBe(0);
  });

  test("equals the parameters before its start", () => {
    expect([99, 100].map((images) => decayAt(images, { startImages: 100 }) > 0)).toEqual([false, true]);
  });

  test("moves each leaf by its share", async () => {
    const next = updateAverage({ a: tf.scalar(4) }, { a: tf.scalar(8) }, 0.75);
    await expectAllClose(next.a, [5]);
  });
});

test("clipping scales the whole tree to the limit, and only down", async () => {
  const grads = { a: tf.tensor1d([3, 0]), b: tf.scalar(4) };
  const { grads: clipped, norm } = clipByGlobalNorm(grads, 1);
  await expectAllClose(norm, [5]);
  await expectAllClose(clipped.a, [0.6, 0], { relative: 1e-5 });
  await expectAllClose(clipByGlobalNorm(grads, 10).grads.b, [4]);
});
