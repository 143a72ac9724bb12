import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { expectAllClose } from "@ganymede/core/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { averageDecay, updateAverage } from "../average/moving-average.js";
import { adam } from "./adam.js";
import { clipByGlobalNorm } from "./clip-by-global-norm.js";
import { warmUp } from "./warm-up.js";

beforeAll(() => tf.setBackend("cpu"));

interface Setting {
  readonly betas: readonly [number, number];
  readonly rate: number;
  readonly epsilon: number;
  readonly decay: number;
}

/** Adam in float64, as algorithm 1 of the paper prints it, on sum of (w - 1)^2. */
function reference({ betas: [b1, b2], rate, epsilon, decay }: Setting, start: readonly number[], steps: number) {
  const state = start.map((w) => ({ w, m: 0, v: 0 }));
  for (let t = 1; t <= steps; t++) {
    for (const s of state) {
      const g = 2 * (s.w - 1);
      s.m = b1 * s.m + (1 - b1) * g;
      s.v = b2 * s.v + (1 - b2) * g * g;
      const step = s.m / (1 - b1 ** t) / (Math.sqrt(s.v / (1 - b2 ** t)) + epsilon);
      s.w -= rate * (step + decay * s.w);
    }
  }
  return state.map(({ w }) => w);
}

describe("adam", () => {
  test.each<Setting>([
    { betas: [0.9, 0.999], rate: 0.1, epsilon: 1e-8, decay: 0 },
    { betas: [0, 0.99], rate: 0.02, epsilon: 1e-8, decay: 0 },
    { betas: [0.5, 0.9999], rate: 0.001, epsilon: 1e-3, decay: 0.1 },
    { betas: [0, 0], rate: 0.01, epsilon: 1e-4, decay: 0 },
  ])("follows algorithm 1 for %j", async (setting) => {
    const start = [0.3, -2, 5, 1e-3];
    const method = adam({ betas: setting.betas, epsilon: setting.epsilon, weightDecay: setting.decay });
    let params = { w: tf.tensor1d(start) };
    let state = method.init(params);
    for (let step = 0; step < 7; step++) {
      const grads = { w: tf.mul(tf.sub(params.w, 1), 2) as tf.Tensor1D };
      ({ params, state } = method.update(grads, state, params, step % 2 ? setting.rate : tf.scalar(setting.rate)));
    }
    await expectAllClose(params.w, reference(setting, start, 7), { relative: 2e-6, absolute: 1e-6 });
    expect(state.count.dataSync()[0]).toBe(7);
  });

  test("keeps no first moment where it would equal the gradient", () => {
    const params = { w: tf.tensor1d([1, 2]) };
    expect(adam({ betas: [0, 0.99] }).init(params).first).toEqual({});
    expect(Object.keys(adam({ betas: [0.5, 0.99] }).init(params).first)).toEqual(["w"]);
  });

  test("refuses decay rates outside [0, 1)", () => {
    expect(() => adam({ betas: [0.9, 1] })).toThrow(/betas must be in \[0, 1\), got 0.9 and 1/);
  });
});

test("warm-up rises linearly and stays", () => {
  const at = (step: number) => (warmUp(0.4, 4, tf.scalar(step)) as tf.Scalar).dataSync()[0];
  expect([0, 1, 3, 4, 100].map(at).map((rate) => Number(rate?.toFixed(6)))).toEqual([0.1, 0.2, 0.4, 0.4, 0.4]);
  expect(warmUp(0.4, 0, tf.scalar(0))).toBe(0.4);
});

describe("moving average", () => {
  const decayAt = (images: number, options: object) =>
    averageDecay({ halfLifeImages: 1000, rampUp: 0, batch: 10, ...options }, tf.scalar(images)).dataSync()[0]!;

  test("halves an old value's weight in a half-life, which the ramp-up caps", () => {
    expect(decayAt(5, {}) ** 100).toBeCloseTo(0.5, 4);
    expect(decayAt(0, { rampUp: 0.05 })).toBe(0);
    expect(decayAt(2000, { rampUp: 0.05 }) ** 10).toBeCloseTo(0.5, 4);
    expect(decayAt(1e6, { rampUp: 0.05 }) ** 100).toBeCloseTo(0.5, 4);
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
