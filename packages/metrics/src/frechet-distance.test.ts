import { fold, key } from "@ganymede/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normals } from "./fixtures/normals.js";
import { frechetDistance } from "./frechet-distance.js";
import { symmetricEigenvalues } from "./linear-algebra/symmetric-eigenvalues.js";
import { addFeatures, moments, startFeatureStatistics } from "./statistics/feature-statistics.js";

const statistics = (features: Float64Array, dims: number) => {
  const state = startFeatureStatistics(dims);
  addFeatures(state, features);
  return moments(state);
};

function randomSymmetric(n: number, seed: number): Float64Array {
  const values = normals(key(seed), n * n);
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[i * n + j] = values[i * n + j]! + values[j * n + i]!;
  return out;
}

describe("symmetricEigenvalues", () => {
  it("solves a matrix whose eigenvalues are known: the second difference", () => {
    const n = 40;
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      a[i * n + i] = 2;
      if (i > 0) a[i * n + i - 1] = -1;
    }
    const values = symmetricEigenvalues(a, n);
    values.forEach((value, k) => {
      expect(value).toBeCloseTo(2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)), 13);
    });
  });

  it("keeps the trace and the sum of squares of random matrices", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(), (n, seed) => {
        const a = randomSymmetric(n, seed);
        const traceOf = a.reduce((sum, value, i) => (i % (n + 1) === 0 ? sum + value : sum), 0);
        const squares = a.reduce((sum, value) => sum + value * value, 0);
        const values = symmetricEigenvalues(a, n);
        expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(traceOf, 9);
        expect(values.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(squares, 8);
      }),
      { numRuns: 60 },
    );
  });

  it("handles zero, rank one and widely spread matrices", () => {
    expect([...symmetricEigenvalues(new Float64Array(9), 3)]).toEqual([0, 0, 0]);
    const ones = symmetricEigenvalues(new Float64Array(16).fill(1), 4);
    expect(ones[3]).toBeCloseTo(4, 14);
    expect(Math.abs(ones[0]!)).toBeLessThan(1e-15);
    const spread = symmetricEigenvalues(Float64Array.of(1e-300, 0, 0, 1e150), 2);
    expect([...spread]).toEqual([1e-300, 1e150]);
  });

  it("says so when the matrix is not finite", () => {
    const a = new Float64Array(9).fill(Number.NaN);
    expect(() => symmetricEigenvalues(a, 3)).toThrowError(expect.objectContaining({ code: "non-finite" }));
  });
});

describe("frechetDistance", () => {
  it("is the closed form for diagonal covariances", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            ...Array.from({ length: 4 }, () => fc.double({ min: 0, max: 9, noNaN: true, noDefaultInfinity: true })),
          ),
          { minLength: 1, maxLength: 12 },
        ),
        (rows) => {
          const n = rows.length;
          const side = (at: number) => ({
            mean: Float64Array.from(rows, (row) => row[at]!),
            covariance: Float64Array.from({ length: n * n }, (_, i) =>
              i % (n + 1) ? 0 : rows[i / (n + 1)]![at + 2]! ** 2,
            ),
          });
          const expected = rows.reduce((sum, [m1, m2, s1, s2]) => sum + (m1! - m2!) ** 2 + (s1! - s2!) ** 2, 0);
          expect(frechetDistance(side(0), side(1))).toBeCloseTo(expected, 5);
        },
      ),
    );
  });

  it("is zero for a set with itself and symmetric between sets, singular or not", () => {
    for (const images of [5, 200]) {
      const dims = 12;
      const a = statistics(normals(fold(key(1), images), images * dims), dims);
      const b = statistics(
        normals(fold(key(2), images), images * dims).map((x) => 2 * x + 1),
        dims,
      );
      expect(Math.abs(frechetDistance(a, a))).toBeLessThan(1e-6);
      expect(frechetDistance(a, b)).toBeCloseTo(frechetDistance(b, a), 6);
      expect(frechetDistance(a, b)).toBeGreaterThan(1);
    }
  });

  it("does a real size in seconds", () => {
    const dims = 512;
    const a = statistics(normals(key(1), 2 * dims * dims), dims);
    const b = statistics(
      normals(key(2), 2 * dims * dims).map((x) => x + 0.5),
      dims,
    );
    const started = performance.now();
    // Independent samples of one covariance: the mean's part is 0.25 per feature, the rest is sampling.
    expect(frechetDistance(a, b)).toBeGreaterThan(0.25 * dims * 0.9);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it("refuses sides of two sizes", () => {
    expect(() => frechetDistance(statistics(normals(key(1), 8), 2), statistics(normals(key(1), 8), 4))).toThrowError(
      /2 and 4/,
    );
  });
});

describe("feature statistics", () => {
  it("do not depend on how the features are cut into batches", () => {
    const dims = 5;
    const features = normals(key(3), 23 * dims);
    const whole = statistics(features, dims);
    const parts = startFeatureStatistics(dims);
    for (const [begin, end] of [
      [0, 1],
      [1, 8],
      [8, 23],
    ] as const)
      addFeatures(parts, features.subarray(begin * dims, end * dims));
    moments(parts).covariance.forEach((value, i) => {
      expect(value).toBeCloseTo(whole.covariance[i]!, 12);
    });
  });

  it("give the covariance of the definition", () => {
    const { mean, covariance } = statistics(Float64Array.of(1, 10, 3, 30, 8, 50), 2);
    expect([...mean]).toEqual([4, 30]);
    expect([...covariance].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([13, 70, 70, 400]);
  });

  it("refuse what is not finite, ragged rows and a single image", () => {
    const state = startFeatureStatistics(2);
    expect(() => addFeatures(state, Float64Array.of(1, Number.NaN))).toThrowError(/finite/);
    expect(() => addFeatures(state, Float64Array.of(1))).toThrowError(/rows of 2/);
    expect(() => moments(startFeatureStatistics(2))).toThrowError(/at least 2/);
  });
});
