import { mix } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { fold, key, normal } from "@ganymede/core";
import { expectAllClose } from "@ganymede/core/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { nonSaturating } from "../losses/non-saturating.js";
import { cutMixMasks, cutMixTerms } from "./cut-mix.js";
import { pixelLoss } from "./pixel-logits.js";

beforeAll(() => tf.setBackend("cpu"));

describe("cutMixMasks", () => {
  const masks = cutMixMasks(key(1), [400, 8, 6]);
  const rows = tf.reshape(masks, [400, 48]).arraySync() as number[][];

  test("are one box of 0 in 1, or of 1 in 0", () => {
    const isBox = (inside: readonly boolean[]): boolean => {
      const places = inside.flatMap((is, index) => (is ? [[Math.floor(index / 6), index % 6] as const] : []));
      const [down, across] = [new Set(places.map(([row]) => row)), new Set(places.map(([, column]) => column))];
      const whole = (side: Set<number>) => Math.max(...side) - Math.min(...side) + 1 === side.size;
      return places.length === 0 || (places.length === down.size * across.size && whole(down) && whole(across));
    };
    for (const row of rows) {
      expect(row.every((value) => value === 0 || value === 1)).toBe(true);
      expect(isBox(row.map((value) => value === 0)) || isBox(row.map((value) => value === 1))).toBe(true);
    }
  });

  test("show each image for half of the pixels on average, in boxes of every size", () => {
    const shares = rows.map((row) => row.reduce((sum, value) => sum + value, 0) / 48);
    expect(shares.reduce((sum, share) => sum + share, 0) / 400).toBeCloseTo(0.5, 1);
    expect(new Set(shares).size).toBeGreaterThan(15);
  });

  test("are a function of the key", async () => {
    await expectAllClose(cutMixMasks(key(1), [400, 8, 6]), masks, { relative: 0, absolute: 0 });
    const other = cutMixMasks(fold(key(1), 1), [400, 8, 6]);
    expect(tf.sum(tf.abs(tf.sub(other, masks))).dataSync()[0]).toBeGreaterThan(0);
  });
});

test("the terms follow their formulas on plain numbers", () => {
  const [real, fake, mixed, mask] = [
    [1, -2],
    [0.5, 3],
    [-1, 2],
    [1, 0],
  ] as const;
  const logits = (values: readonly number[], image: number) => ({
    image: tf.tensor1d([image]),
    pixels: tf.tensor4d([...values], [1, 1, 2, 1]),
  });
  const terms = cutMixTerms({
    real: logits(real, 0),
    fake: logits(fake, 0),
    mixed: logits(mixed, 0.7),
    mask: tf.tensor4d([...mask], [1, 1, 2, 1]),
  });
  const softplus = (x: number) => Math.log1p(Math.exp(x));
  expect(terms.pixels.dataSync()[0]).toBeCloseTo((softplus(1) + softplus(2)) / 2, 6);
  expect(terms.image.dataSync()[0]).toBeCloseTo(softplus(0.7), 6);
  expect(terms.consistency.dataSync()[0]).toBeCloseTo(((-1 - 1) ** 2 + (2 - 3) ** 2) / 2, 6);
});

test("mixing with a mask of 1 gives the first image, of 0 the second", async () => {
  const [a, b] = [normal<tf.Rank.R4>(key(1), [1, 2, 2, 3]), normal<tf.Rank.R4>(key(2), [1, 2, 2, 3])];
  await expectAllClose(mix(tf.ones([1, 2, 2, 1]), a, b), a, { absolute: 1e-6 });
  await expectAllClose(mix(tf.zeros([1, 2, 2, 1]), a, b), b, { absolute: 1e-6 });
});

test("the pixels' half is half of the loss over all pixels", () => {
  const side = (seed: number) => ({
    image: normal<tf.Rank.R1>(key(seed), [3]),
    pixels: normal<tf.Rank.R4>(key(seed + 1), [3, 2, 2, 1]),
  });
  const [real, fake] = [side(1), side(3)];
  const loss = nonSaturating().create({});
  const flat = (pixels: tf.Tensor4D) => tf.reshape(pixels, [-1]) as tf.Tensor1D;
  const expected = loss.discriminator(flat(real.pixels), flat(fake.pixels)).dataSync()[0]! / 2;
  expect(pixelLoss(loss).discriminator(real, fake).dataSync()[0]).toBeCloseTo(expected, 5);
});
