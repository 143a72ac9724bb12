import type { AugmentationState, Key, TermInputs } from "@ganymede/core";
import { key, normal } from "@ganymede/core";
import { checkGradients, expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { recolour, rotateHue } from "@ganymede/training";
import { beforeAll, describe, expect, test } from "vitest";
import { erase, halfRange, ratioRange, transganAugment } from "./augmentation.js";

beforeAll(() => tf.setBackend("cpu"));

const images = normal<tf.Rank.R4>(key(1), [2, 8, 8, 3]);

test.each([
  { policy: ["translation", "cutout", "color"] },
  { policy: ["translation", "stl-erase", "color"] },
  { policy: ["translation", "erase", "color"] },
  { policy: ["filter", "translation", "erase", "color", "hue"] },
] as const)("$policy repeats with its key and can be differentiated twice", async (settings) => {
  const augmentation = transganAugment(settings).create({} as TermInputs);
  const apply = (x: tf.Tensor4D, from: Key) => augmentation.apply(x, from, {} as AugmentationState);
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
  const third = recolour(pixels, rotateHue(1, tf.tensor1d([(2 * Math.PI) / 3])));
  await expectAllClose(third, [0, 1, 0, 0.5, 0.5, 0.5], { absolute: 1e-6 });
  await expectAllClose(recolour(pixels, rotateHue(1, tf.tensor1d([0]))), pixels);
});
