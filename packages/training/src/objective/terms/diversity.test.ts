import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { key, uniform } from "@ganymede/core";
import { checkGradients, expectAllClose } from "@ganymede/core/testing";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { meanCosine } from "./diversity.js";

beforeAll(() => tf.setBackend("cpu"));

const cosine = (a: readonly number[], b: readonly number[]) => {
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, at) => sum + value * y[at]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

test("queries that look at the same places have 1, those that share none 0, whatever their weights add up to", async () => {
  const row = [0.5, 0.25, 0.25, 0];
  await expectAllClose(meanCosine(tf.tensor3d([[row, row, row.map((x) => 3 * x)]])), [1], { absolute: 1e-5 });
  await expectAllClose(
    meanCosine(
      tf.tensor3d([
        [
          [0.5, 0.5, 0, 0],
          [0, 0, 0, 1],
        ],
      ]),
    ),
    [0],
    { absolute: 1e-6 },
  );
});

test("it is the mean over pairs and images", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 5 }), fc.nat(1000), (batch, count, seed) => {
      const maps = uniform<tf.Rank.R3>(key(seed), [batch, count, 6], 0.01, 1);
      const pairs = (maps.arraySync() as number[][][]).flatMap((rows) =>
        rows.flatMap((a, at) => rows.slice(at + 1).map((b) => cosine(a, b))),
      );
      const expected = pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
      expect(meanCosine(maps).dataSync()[0]).toBeCloseTo(expected, 4);
    }),
    { numRuns: 20 },
  );
});

test("its gradient equals finite differences", async () => {
  const logits = uniform<tf.Rank.R3>(key(2), [2, 3, 5], -1, 1);
  const of = (params: { readonly logits: tf.Tensor3D }) => meanCosine(tf.softmax(params.logits));
  await checkGradients(of, { logits }, { order: 2, directions: 2, step: 0.01 });
});

test("a single query has no pairs", () => {
  expect(() => meanCosine(tf.ones([2, 1, 4]))).toThrow(/at least 2 queries, got 1/);
});
