import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import { hinge } from "./hinge.js";
import { leastSquares } from "./least-squares.js";
import { nonSaturating } from "./non-saturating.js";
import { wasserstein } from "./wasserstein.js";

beforeAll(() => tf.setBackend("cpu"));

const real = [0.5, -1, 2];
const fake = [-0.25, 1.5, 0];
const softplus = (x: number) => Math.log1p(Math.exp(x));
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.each([
  [nonSaturating, (r: number) => softplus(-r), (f: number) => softplus(f), (f: number) => softplus(-f)],
  [hinge, (r: number) => Math.max(0, 1 - r), (f: number) => Math.max(0, 1 + f), (f: number) => -f],
  [wasserstein, (r: number) => -r, (f: number) => f, (f: number) => -f],
  [leastSquares, (r: number) => (r - 1) ** 2, (f: number) => f ** 2, (f: number) => (f - 1) ** 2],
])("$id", (loss, up, down, fool) => {
  test("follows its formula", () => {
    const d = loss.discriminator(tf.tensor1d(real), tf.tensor1d(fake)).dataSync()[0];
    expect(d).toBeCloseTo(mean(real.map(up)) + mean(fake.map(down)), 6);
    expect(loss.generator(tf.tensor1d(fake)).dataSync()[0]).toBeCloseTo(mean(fake.map(fool)), 6);
  });

  test("is finite for logits of 1e4", () => {
    const [high, low] = [tf.tensor1d([1e4]), tf.tensor1d([-1e4])];
    const values = [loss.discriminator(low, high), loss.generator(low), loss.generator(high)];
    expect(values.every((value) => Number.isFinite(value.dataSync()[0]))).toBe(true);
  });
});
