import * as tf from "@tensorflow/tfjs-core";
import * as fc from "fast-check";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import { key, normal } from "../../index.js";
import { fillNormal } from "../../random/bits.js";
import { expectAllClose } from "../../testing/index.js";
import { improvedSpectralNorm, leadingSingular, spectralNorm } from "../index.js";

beforeAll(() => tf.setBackend("cpu"));

/** The largest singular value by many power iterations in float64. */
function byPowerIteration(matrix: Float32Array, rows: number, columns: number): number {
  let x: number[] = Array.from({ length: columns }, (_, i) => 1 + (i % 3));
  let norm = 0;
  for (let iteration = 0; iteration < 2_000; iteration++) {
    const y = Array.from({ length: rows }, (_, i) => x.reduce((sum, v, j) => sum + v * matrix[i * columns + j]!, 0));
    const z = Array.from({ length: columns }, (_, j) => y.reduce((sum, v, i) => sum + v * matrix[i * columns + j]!, 0));
    norm = Math.sqrt(Math.hypot(...z));
    x = z.map((value) => value / Math.hypot(...z));
  }
  return norm;
}

describe("leadingSingular", () => {
  test("finds the largest singular value of random matrices", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }), fc.nat(1000), (m, n, seed) => {
        const matrix = fillNormal(new Float32Array(m * n), key(seed), 0, 1);
        const { sigma, rows, columns } = leadingSingular(matrix, m, n);
        const image = Array.from(rows, (_, i) => columns.reduce((sum, v, j) => sum + v * matrix[i * n + j]!, 0));
        expect(Math.hypot(...rows)).toBeCloseTo(1, 9);
        image.forEach((value, i) => expect(value).toBeCloseTo(sigma * rows[i]!, 9));
        expect(sigma).toBeCloseTo(byPowerIteration(matrix, m, n), 3);
      }),
      { numRuns: 15 },
    );
  });

  test("bounds the image of every vector, at a size where a plain power iteration would not have converged", () => {
    const [m, n] = [96, 64];
    const matrix = fillNormal(new Float32Array(m * n), key(5), 0, 1);
    const { sigma } = leadingSingular(matrix, m, n);
    const squares = matrix.reduce((sum, value) => sum + value * value, 0);
    expect(sigma).toBeLessThan(Math.sqrt(squares));
    expect(sigma).toBeGreaterThan(Math.sqrt(squares / n));
    expect(sigma).toBeCloseTo(byPowerIteration(matrix, m, n), 4);
  });

  test("adds in the order of one row after the other, whatever it does at once", () => {
    const [m, n] = [7, 5];
    const matrix = fillNormal(new Float32Array(m * n), key(8), 0, 1);
    const { sigma, rows, columns } = leadingSingular(matrix, m, n);
    const left = Array.from({ length: m }, (_, i) => columns.reduce((sum, v, j) => sum + matrix[i * n + j]! * v, 0));
    expect(sigma).toBe(Math.sqrt(left.reduce((sum, value) => sum + value * value, 0)));
    expect([...rows]).toEqual(left.map((value) => value * (1 / sigma)));
  });

  test.each([
    ["zeros", [0, 0, 0, 0], 0],
    ["one number", [-3], 3],
    ["two equal singular values", [2, 0, 0, 2], 2],
    ["rank one", [1, 2, 2, 4], 5],
  ])("%s", (_, values, sigma) => {
    const side = Math.sqrt(values.length);
    expect(leadingSingular(values, side, side).sigma).toBeCloseTo(sigma, 9);
  });
});

test("normalised weights have norm 1, or the norm that they started with", async () => {
  const start = { layer: { weight: normal<tf.Rank.R4>(key(1), [2, 2, 3, 5]), bias: normal<tf.Rank.R1>(key(2), [5]) } };
  const moved = { layer: { ...start.layer, weight: tf.mul(start.layer.weight, 3) as tf.Tensor4D } };
  const sigmaOf = (weight: tf.Tensor) => leadingSingular(weight.dataSync(), 12, 5).sigma;
  for (const [transform, expected] of [
    [spectralNorm<typeof start>(), 1],
    [improvedSpectralNorm<typeof start>(), sigmaOf(start.layer.weight)],
  ] as const) {
    const state = transform.init(start, key(3));
    const result = transform.apply(moved, transform.advance(moved, state));
    expect(sigmaOf(result.layer.weight)).toBeCloseTo(expected, 4);
    expect(result.layer.bias).toBe(start.layer.bias);
  }
  const improved = improvedSpectralNorm<typeof start>();
  const unchanged = improved.apply(start, improved.init(start, key(3)));
  await expectAllClose(unchanged.layer.weight, start.layer.weight, { relative: 1e-5 });
});

test("the vectors follow the weights from step to step", () => {
  const before = { weight: normal<tf.Rank.R2>(key(1), [8, 6]) };
  const after = { weight: normal<tf.Rank.R2>(key(2), [8, 6]) };
  const transform = spectralNorm<typeof before>();
  let state = transform.init(before, key(3));
  for (let step = 0; step < 200; step++) state = transform.advance(after, state);
  expect(leadingSingular(transform.apply(after, state).weight.dataSync(), 8, 6).sigma).toBeCloseTo(1, 4);
});

test("a weight of zeros is refused by its path", () => {
  const transform = improvedSpectralNorm({});
  expect(() => transform.init({ head: { weight: tf.zeros([2, 2]) } }, key(1))).toThrow(
    /"head.weight" must not be all zeros/,
  );
});
