import type { ParamsOf } from "@ganymede/core";
import { inference, key, normal } from "@ganymede/core";
import { pixelNorm } from "@ganymede/core/nn";
import { checkAttention, expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import { l2, l2LipschitzBound } from "./l2.js";
import { lipschitzL2, lipschitzL2Bound } from "./l2-lipschitz.js";
import { largestMeanDistance } from "./parts/lipschitz.js";

beforeAll(() => tf.setBackend("cpu"));

const [tokens, channels, heads, pairs] = [6, 8, 2, 2500];

test("l2-lipschitz conforms", () => checkAttention(lipschitzL2()));

test("l2-lipschitz by hand: with one token the value path alone remains, x W_Q W_Q^T W_V / sqrt(D)", async () => {
  const layer = lipschitzL2().create({ channels: 2, heads: 1 });
  const weight = (values: number[]) => ({ weight: tf.tensor2d(values, [2, 2]) });
  const params = { query: weight([1, 2, 0, 1]), value: weight([1, 0, 0, 3]), output: weight([1, 0, 0, 1]) };
  const y = layer.apply(params, tf.tensor3d([1, 1], [1, 1, 2]), inference);
  // q = [1, 3]; W_Q^T W_V = [[1, 0], [2, 3]]; q of that = [7, 9]
  await expectAllClose(y, [7 / Math.SQRT2, 9 / Math.SQRT2], { relative: 1e-6 });
});

test("the largest mean distance is the maximum that it claims", () => {
  for (const count of [1, 7, 63, 1000]) {
    const claimed = largestMeanDistance(count);
    // All others at one distance d is the worst: count d exp(-d) / (1 + count exp(-d)).
    const at = (d: number) => (count * d) / (Math.exp(d) + count);
    const most = Math.max(...Array.from({ length: 20000 }, (_, i) => at(i / 1000)));
    expect(claimed).toBeCloseTo(most, 4);
  }
});

/** Kinds of pairs: far apart, close together, long tokens, and nearly equal ones of a large size. */
const kinds = [
  [1, 1],
  [1, 1e-2],
  [8, 0.5],
  [3, 0.1],
] as const;

/** The largest |f(x) - f(y)| / (|x - y| bound) over all pairs. */
function worstShare(
  run: (kind: number, x: tf.Tensor3D, y: tf.Tensor3D) => { fx: tf.Tensor; fy: tf.Tensor; bound: number },
  domain: (x: tf.Tensor3D) => tf.Tensor3D,
): number {
  const lengths = (x: tf.Tensor) => tf.norm(tf.reshape(x, [pairs, -1]), 2, 1).dataSync();
  const shares = kinds.flatMap(([size, apart], kind) =>
    tf.tidy(() => {
      const start = normal<tf.Rank.R3>(key(10 + kind), [pairs, tokens, channels], 0, size);
      const x = domain(start);
      const y = domain(tf.add(start, normal(key(20 + kind), start.shape, 0, apart)) as tf.Tensor3D);
      const { fx, fy, bound } = run(kind, x, y);
      expect(bound).toBeGreaterThan(0);
      const [moved, distance] = [lengths(tf.sub(fx, fy)), lengths(tf.sub(x, y))];
      return Array.from(moved, (value, i) => value / distance[i]! / bound);
    }),
  );
  expect(shares.length).toBe(10_000);
  return Math.max(...shares);
}

describe("10,000 pairs spread no more than the bound", () => {
  test("l2, among tokens of bounded length as behind a norm", () => {
    const layer = l2().create({ channels, heads });
    const worst = worstShare(
      (kind, x, y) => {
        const params = layer.init(key(kind)) as ParamsOf<typeof layer>;
        const bound = l2LipschitzBound(params, { tokens, heads, radius: Math.sqrt(channels) });
        return { fx: layer.apply(params, x, inference), fy: layer.apply(params, y, inference), bound };
      },
      (x) => pixelNorm(x),
    );
    expect(worst).toBeLessThanOrEqual(1);
    expect(worst).toBeGreaterThan(0.02); // the bound says something
  });

  test("l2-lipschitz, among tokens of any length", () => {
    const layer = lipschitzL2().create({ channels, heads });
    const worst = worstShare(
      (kind, x, y) => {
        const params = layer.init(key(kind));
        const bound = lipschitzL2Bound(params, { tokens, heads });
        return { fx: layer.apply(params, x, inference), fy: layer.apply(params, y, inference), bound };
      },
      (x) => x,
    );
    expect(worst).toBeLessThanOrEqual(1);
    expect(worst).toBeGreaterThan(0.02);
  });
});

test("without the inward values, longer tokens break every bound: why l2 asks for a radius", () => {
  const layer = l2().create({ channels: 4, heads: 1, headWidth: 1 });
  const params = {
    query: { weight: tf.tensor2d([1, 0, 0, 0], [4, 1]) },
    value: { weight: tf.tensor2d([0, 1, 0, 0], [4, 1]) },
    output: { weight: tf.ones([1, 4]) },
  } as never;
  const slope = (far: number) => {
    const f = (query: number) => {
      const x = tf.tensor3d([0, 0, 0, 0, query, far, 0, 0], [1, 2, 4]);
      return layer.apply(params, x, inference).dataSync()[0]!;
    };
    return Math.abs(f(1.01) - f(1)) / 0.01;
  };
  expect(slope(100)).toBeGreaterThan(9 * slope(10));
});
