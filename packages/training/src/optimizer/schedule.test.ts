import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, expect, test } from "vitest";
import { adapt, startAdaptation } from "../augment/adaptation.js";
import { scheduledRate } from "./schedule.js";

beforeAll(() => tf.setBackend("cpu"));

test.each([
  ["linear", [0.1, 0.4 * 0.9, 0.4 * 0.5, 0, 0]],
  ["cosine", [0.1, 0.4 * 0.5 * (1 + Math.cos(0.1 * Math.PI)), 0.2, 0, 0]],
] as const)("a %s schedule falls to 0 after its warm-up", (kind, expected) => {
  const config = { warmupSteps: 4, schedule: { kind, steps: 40 } };
  const rates = [0, 4, 20, 40, 100].map(
    (step) => (scheduledRate(0.4, config, tf.scalar(step)) as tf.Scalar).dataSync()[0],
  );
  rates.forEach((rate, index) => {
    expect(rate).toBeCloseTo(expected[index]!, 6);
  });
});

test("a constant schedule is the plain rate", () => {
  expect(scheduledRate(0.4, { warmupSteps: 0, schedule: { kind: "constant" } }, tf.scalar(7))).toBe(0.4);
});

test("the controller moves the strength every few steps, towards the wanted mean sign, within [0, 1]", () => {
  const config = { target: 0.6, images: 100, every: 2 };
  const run = (signs: readonly number[]) => {
    let state = startAdaptation();
    return signs.map((sign, step) => {
      state = adapt(state, tf.scalar(sign), tf.scalar(step), config, 10);
      return Number(state.strength.dataSync()[0]!.toFixed(5));
    });
  };
  expect(run([1, 1, 1, 1, -1, -1, -1, -1])).toEqual([0, 0.2, 0.2, 0.4, 0.4, 0.2, 0.2, 0]);
  expect(run([-1, -1])).toEqual([0, 0]);
  // Mostly right, yet less than wanted: the mean counts, not on which side of 0 it lies.
  expect(run([1, 1, 0.5, 0.5])).toEqual([0, 0.2, 0.2, 0]);
  expect(run(Array(14).fill(1)).at(-1)).toBe(1);
});
