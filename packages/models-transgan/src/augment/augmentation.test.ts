import { key, normal } from "@ganymede/core";
import { checkGradients, expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import { augmentations } from "./augmentation.js";
import { amplifyBands, bandGains, filterBank } from "./band-filter.js";
import { erase, halfRange, ratioRange } from "./erase.js";
import { rotateHue } from "./hue.js";

beforeAll(() => tf.setBackend("cpu"));

const images = normal<tf.Rank.R4>(key(1), [2, 8, 8, 3]);

test.each(augmentations)("$id repeats with its key and can be differentiated twice", async ({ apply }) => {
  const large = normal<tf.Rank.R4>(key(1), [2, 32, 32, 3]);
  await expectAllClose(apply(large, key(2)), apply(large, key(2)), { relative: 0, absolute: 0 });
  expect(apply(large, key(2)).shape).toEqual(large.shape);
  const small = (x: tf.Tensor4D) => apply(tf.tile(x, [1, 4, 4, 1]), key(3));
  await checkGradients(small, images, { directions: 1 });
});

describe("erase", () => {
  const blank = (seed: number, chance: number) => {
    const kept = erase(tf.ones([2, 16, 16, 1]), key(seed), ratioRange, chance).arraySync();
    return kept.map((image) => image.flat(2).filter((value) => value === 0).length);
  };

  test("spares a batch or cuts all of its images, by boxes of one size", () => {
    expect(blank(1, 0)).toEqual([0, 0]);
    for (let seed = 0; seed < 10; seed++) {
      for (const zeros of blank(seed, 1)) {
        expect(zeros).toBeGreaterThan(0);
        expect(zeros).toBeLessThanOrEqual(11 * 11);
      }
    }
  });

  test("an even box of half the side is what its centre says", () => {
    const rows = Array.from({ length: 40 }, (_, seed) => {
      const kept = erase(tf.ones([1, 8, 8, 1]), key(seed), halfRange, 1).arraySync()[0]!;
      return kept.filter((row) => row.some(([value]) => value === 0)).length;
    });
    expect(Math.max(...rows)).toBe(4);
    expect(Math.min(...rows)).toBeGreaterThan(0);
  });
});

test("hue turns red into green after a third of a circle, and leaves grey alone", async () => {
  const pixels = tf.tensor4d([1, 0, 0, 0.5, 0.5, 0.5], [1, 1, 2, 3]);
  const third = rotateHue(pixels, tf.tensor1d([(2 * Math.PI) / 3]));
  await expectAllClose(third, [0, 1, 0, 0.5, 0.5, 0.5], { absolute: 1e-6 });
  await expectAllClose(rotateHue(pixels, tf.tensor1d([0])), pixels);
});

describe("the filter bank", () => {
  test("adds up to no filter", () => {
    const bank = filterBank();
    const middle = (bank[0]!.length - 1) / 2;
    bank[0]!.forEach((_, tap) => {
      const sum = bank.reduce((total, filter) => total + filter[tap]!, 0);
      expect(sum).toBeCloseTo(tap === middle ? 1 : 0, 9);
    });
  });

  test("keeps a constant image but for the gain of the lowest octaves, and the power of natural images", async () => {
    await expectAllClose(amplifyBands(images, tf.ones([2, 4])), images, { absolute: 1e-5 });
    const flat = tf.fill<tf.Rank.R4>([1, 8, 8, 3], 0.5);
    const gained = amplifyBands(flat, tf.tensor2d([[2, 1, 1, 5]]));
    await expectAllClose(gained, tf.fill([1, 8, 8, 3], 0.5 * 2 ** 2), { absolute: 1e-5 });
    const gains = bandGains(key(5), 64);
    const sums = tf.sum(tf.mul(tf.square(gains), tf.tensor2d([[10 / 13, 1 / 13, 1 / 13, 1 / 13]])), 1);
    expect(tf.min(sums).dataSync()[0]).toBeGreaterThan(0.05);
    expect(gains.dataSync().some((value) => Math.abs(value - 1) > 0.1)).toBe(true);
  });
});
