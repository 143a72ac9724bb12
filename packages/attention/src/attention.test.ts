import { inference, key, normal } from "@ganymede/core";
import { mergeHeads, splitHeads } from "@ganymede/core/nn";
import { checkAttention, expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import { attention, dotProduct, dotProductWeights, l2, l2Weights, releaseDotProduct, releaseL2 } from "./index.js";

beforeAll(() => tf.setBackend("cpu"));

const variants = [dotProduct(), l2(), releaseDotProduct(), releaseL2()];

describe.each(variants.map((variant) => [variant.id, variant] as const))("%s", (_, variant) => {
  test("conforms", () => checkAttention(variant));

  test("takes a head width of its own", () => {
    const layer = variant.create({ channels: 6, heads: 4, headWidth: 3 });
    const y = layer.apply(layer.init(key(1)) as never, normal(key(2), [1, 2, 6]), inference);
    expect(y.shape).toEqual([1, 2, 6]);
  });

  test("refuses heads that do not divide the channels", () => {
    expect(() => variant.create({ channels: 8, heads: 3 })).toThrow(/heads must divide channels, got 3 and 8/);
  });

  test("refuses input of another width", () => {
    const layer = variant.create({ channels: 8, heads: 2 });
    expect(() => layer.apply(layer.init(key(1)) as never, tf.zeros([1, 2, 4]), inference)).toThrow(
      /shape must be \[B, N, 8\]/,
    );
  });
});

test("the plugin lists every variant once", () => {
  const ids = attention().attentions!.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(variants.map(({ id }) => id)));
  expect(new Set(ids).size).toBe(ids.length);
});

/** The formulas in plain loops, one head at a time. */
function weightsInLoops(q: number[][], k: number[][], logit: (a: number[], b: number[]) => number): number[][] {
  return q.map((row) => {
    const powers = k.map((other) => Math.exp(logit(row, other)));
    const sum = powers.reduce((total, power) => total + power, 0);
    return powers.map((power) => power / sum);
  });
}

const squared = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
const product = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

test("L2 weights follow the formula in loops", async () => {
  const q = normal<tf.Rank.R4>(key(3), [1, 2, 4, 3]);
  const heads = q.arraySync()[0]!;
  const expected = heads.map((head) => weightsInLoops(head, head, (a, b) => -squared(a, b) / Math.sqrt(3)));
  await expectAllClose(l2Weights(q), expected.flat(2), { relative: 1e-5, absolute: 1e-6 });
});

test("dot-product weights follow the formula in loops", async () => {
  const [q, k] = [normal<tf.Rank.R4>(key(4), [1, 2, 4, 3]), normal<tf.Rank.R4>(key(5), [1, 2, 4, 3])];
  const expected = q
    .arraySync()[0]!
    .map((head, index) => weightsInLoops(head, k.arraySync()[0]![index]!, (a, b) => product(a, b) / Math.sqrt(3)));
  await expectAllClose(dotProductWeights(q, k), expected.flat(2), { relative: 1e-5, absolute: 1e-6 });
});

test("by hand: two tokens at distance d weigh each other by 1 / (1 + exp(d^2 / sqrt(D)))", async () => {
  const q = tf.tensor4d([0, 0, 1, 2], [1, 1, 2, 2]); // d^2 = 5, D = 2
  const other = 1 / (1 + Math.exp(5 / Math.SQRT2));
  await expectAllClose(l2Weights(q), [1 - other, other, other, 1 - other], { relative: 1e-5 });
});

test("a token attends most to itself under L2, however long the others are", () => {
  const q = tf.mul(normal<tf.Rank.R4>(key(6), [1, 1, 5, 4]), tf.tensor4d([1, 5, 1, 9, 2], [1, 1, 5, 1])) as tf.Tensor4D;
  const weights = l2Weights(q).arraySync()[0]![0]!;
  weights.forEach((row, i) => expect(row.indexOf(Math.max(...row))).toBe(i));
});

test("heads split contiguously and merge back", async () => {
  const x = normal<tf.Rank.R3>(key(7), [2, 3, 8]);
  await expectAllClose(mergeHeads(splitHeads(x, 4)), x, { relative: 0, absolute: 0 });
});
