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
])("$id", (component, up, down, fool) => {
  const loss = component().create({});

  test("follows its formula", () => {
    const d = loss.discriminator(tf.tensor1d(real), tf.tensor1d(fake)).dataSync()[0];
    expect(d).toBeCloseTo(mean(real.map(up)) + mean(fake.map(down)), 6);
    expect(loss.generator(tf.tensor1d(fake)).dataSync()[0]).toBeCloseTo(mean(fake.map(fool)), 6);
  });

  test("is a mean over all logits of an image, and weighs them where it is told to", () => {
    const grid = (values: readonly number[]) =>
      tf.tensor2d(
        [...values, ...values].map((x, i) => x + i),
        [2, 3],
      );
    const flat = (values: readonly number[]) => Array.from(grid(values).dataSync());
    const d = loss.discriminator(grid(real), grid(fake)).dataSync()[0];
    expect(d).toBeCloseTo(mean(flat(real).map(up)) + mean(flat(fake).map(down)), 5);
    const kept = loss.generator(grid(fake), undefined, tf.tensor2d([1, 0], [2, 1])).dataSync()[0];
    expect(kept).toBeCloseTo(mean(flat(fake).slice(0, 3).map(fool)), 5);
  });

  test("is finite for logits of 1e4", () => {
    const [high, low] = [tf.tensor1d([1e4]), tf.tensor1d([-1e4])];
    const values = [loss.discriminator(low, high), loss.generator(low), loss.generator(high)];
    expect(values.every((value) => Number.isFinite(value.dataSync()[0]))).toBe(true);
  });
});

test("margins and targets are settings", () => {
  expect(
    hinge({ margin: 2 })
      .create({})
      .discriminator(tf.tensor1d([0.5]), tf.tensor1d([-3]))
      .dataSync()[0],
  ).toBe(1.5);
  const squares = leastSquares({ real: 2, fake: -2, target: 0 }).create({});
  expect(squares.discriminator(tf.tensor1d([1]), tf.tensor1d([1])).dataSync()[0]).toBe(10);
  expect(squares.generator(tf.tensor1d([3])).dataSync()[0]).toBe(9);
  expect(() => hinge({ margin: 0 })).toThrow(/hinge: margin must be a number above 0, got 0/);
});
