import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { key, normal } from "@ganymede/core";
import { expectAllClose } from "@ganymede/core/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { amplifyBands, bandGains, filterBank } from "./band-filter.js";

beforeAll(() => tf.setBackend("cpu"));

const images = normal<tf.Rank.R4>(key(1), [2, 8, 8, 3]);

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
    const gains = bandGains(key(5), 64, 0.25);
    const sums = tf.sum(tf.mul(tf.square(gains), tf.tensor2d([[10 / 13, 1 / 13, 1 / 13, 1 / 13]])), 1);
    expect(tf.min(sums).dataSync()[0]).toBeGreaterThan(0.05);
    expect(gains.dataSync().some((value) => Math.abs(value - 1) > 0.1)).toBe(true);
  });
});
