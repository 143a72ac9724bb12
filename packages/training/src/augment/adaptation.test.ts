import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, expect, test } from "vitest";
import { adapt, startAdaptation } from "./adaptation.js";

beforeAll(() => tf.setBackend("cpu"));

test("the controller moves the strength every few steps, towards the wanted mean sign, within [0, 1]", () => {
  const config = { target: 0.6, images: 100, every: 2 };
  const run = (signs: readonly number[]) => {
    let state = startAdaptation();
    return signs.map((sign) => {
      state = adapt(state, tf.scalar(sign), config, 10);
      return Number(state.strength.dataSync()[0]!.toFixed(5));
    });
  };
  expect(run([1, 1, 1, 1, -1, -1, -1, -1])).toEqual([0, 0.2, 0.2, 0.4, 0.4, 0.2, 0.2, 0]);
  expect(run([-1, -1])).toEqual([0, 0]);
  // Mostly right, yet less than wanted: the mean counts, not on which side of 0 it lies.
  expect(run([1, 1, 0.5, 0.5])).toEqual([0, 0.2, 0.2, 0]);
  expect(run(Array(14).fill(1)).at(-1)).toBe(1);
});
