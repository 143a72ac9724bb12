import * as tf from "@tensorflow/tfjs-core";
import * as fc from "fast-check";
import "@tensorflow/tfjs-backend-cpu";
import type { AugmentationState, TermInputs } from "@ganymede/core";
import { fold, key, normal } from "@ganymede/core";
import { expectAllClose } from "@ganymede/core/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { cutout } from "./cutout.js";
import { applyPolicy, diffAugment } from "./diffaugment.js";
import { mirror } from "./mirror.js";
import { scale } from "./scaling.js";
import { translate } from "./translation.js";

beforeAll(() => tf.setBackend("cpu"));

type Image = number[][][];

describe("translation", () => {
  test("follows its formula for any shift", () => {
    fc.assert(
      fc.property(fc.integer({ min: -6, max: 6 }), fc.integer({ min: -6, max: 6 }), (down, right) => {
        const x = normal<tf.Rank.R4>(key(1), [1, 5, 4, 2]);
        const image = x.arraySync()[0] as Image;
        const shifted = translate(
          x,
          tf.tensor1d([down], "int32"),
          tf.tensor1d([right], "int32"),
        ).arraySync()[0] as Image;
        shifted.forEach((row, i) =>
          row.forEach((pixel, j) => expect(pixel).toEqual(image[i + down]?.[j + right] ?? [0, 0])),
        );
      }),
      { numRuns: 25 },
    );
  });
});

describe("cutout", () => {
  /** The definition: rows and columns of the box, clamped to the image. */
  function expected(side: number, ratio: number, row: number, column: number): number[][] {
    const box = Math.floor(side * ratio + 0.5);
    const mask = Array.from({ length: side }, () => new Array<number>(side).fill(1));
    const clamp = (value: number) => Math.min(side - 1, Math.max(0, value));
    for (let k = 0; k < box; k++) {
      for (let l = 0; l < box; l++) {
        mask[clamp(k + row - Math.floor(box / 2))]![clamp(l + column - Math.floor(box / 2))] = 0;
      }
    }
    return mask;
  }

  test.each([
    [8, 0.5],
    [7, 0.5],
    [6, 0.3],
  ])("clamps the box of a %i-pixel image as defined, ratio %f", (side, ratio) => {
    for (let row = 0; row <= side; row++) {
      for (const column of [0, 3, side]) {
        const x = tf.ones<tf.Rank.R4>([1, side, side, 1]);
        const cut = cutout(x, tf.tensor1d([row], "int32"), tf.tensor1d([column], "int32"), ratio);
        expect(cut.arraySync()[0]!.map((line) => line.map((pixel) => pixel[0]))).toEqual(
          expected(side, ratio, row, column),
        );
      }
    }
  });
});

describe("scaling", () => {
  test("reads between pixels about the middle, and zeros outside", async () => {
    const line = tf.tensor4d([0, 1, 2, 3, 4, 5, 6, 7], [1, 8, 1, 1]);
    // With a factor of 2 row i is at 3.5 + (i - 3.5) / 2; one column stays where it is.
    await expectAllClose(scale(line, tf.tensor1d([2])), [1.75, 2.25, 2.75, 3.25, 3.75, 4.25, 4.75, 5.25]);
    // With 1/2 row i is at 3.5 + 2 (i - 3.5): -3.5, -1.5, 0.5, 2.5, 4.5, 6.5, 8.5, 10.5.
    await expectAllClose(scale(line, tf.tensor1d([0.5])), [0, 0, 0.5, 2.5, 4.5, 6.5, 0, 0]);
  });

  test("leaves an image as it is at 1, and takes a factor per sample", async () => {
    const x = normal<tf.Rank.R4>(key(8), [2, 6, 5, 3]);
    const scaled = scale(x, tf.tensor1d([1, 1.5]));
    const [same] = tf.split(scaled, 2);
    await expectAllClose(same!, tf.slice(x, 0, 1), { absolute: 1e-5 });
  });

  test("is off unless a policy names it, and stays within its limit", () => {
    const x = tf.ones<tf.Rank.R4>([300, 16, 16, 1]);
    const width = (limit: number) => {
      const seen = applyPolicy(x, key(9), { policy: ["scaling"], scalingLimit: limit });
      return Math.min(...tf.sum(tf.slice(seen, [0, 8, 0, 0], [300, 1, 16, 1]), [1, 2, 3]).dataSync());
    };
    expect(width(2)).toBeGreaterThanOrEqual(8);
    expect(width(2)).toBeLessThan(8.5);
    expect(width(1.1)).toBeGreaterThan(14);
    expect(() => diffAugment({ scalingLimit: 1 })).toThrow(/scalingLimit must be a number above 1, got 1/);
  });
});

test("mirror reverses the columns of the chosen samples", async () => {
  const x = tf.reshape(tf.range(0, 6), [2, 1, 3, 1]) as tf.Tensor4D;
  await expectAllClose(mirror(x, tf.tensor1d([0, 1])), [0, 1, 2, 5, 4, 3]);
});

describe("diffAugment", () => {
  const x = () => normal<tf.Rank.R4>(key(1), [4, 8, 8, 3]);

  test("is a function of its key, with draws of their own per sample", async () => {
    const augment = diffAugment().create({} as TermInputs);
    const state = {} as AugmentationState;
    const same = tf.ones<tf.Rank.R4>([2, 8, 8, 3]);
    const seen = augment.apply(same, key(3), state);
    await expectAllClose(augment.apply(same, key(3), state), seen, { relative: 0, absolute: 0 });
    const [first, second] = seen.arraySync();
    expect(first).not.toEqual(second);
    expect(augment.apply(same, key(4), state).arraySync()).not.toEqual(seen.arraySync());
  });

  test("a chance of 0 changes nothing and a policy applies what it names", async () => {
    const never = { color: 0, translation: 0, mirror: 0, cutout: 0, scaling: 0 };
    const policy = ["color", "translation", "mirror", "cutout", "scaling"] as const;
    await expectAllClose(applyPolicy(x(), key(2), { policy, probability: never }), x(), { absolute: 1e-6 });
    await expectAllClose(applyPolicy(x(), key(2), { policy: [] }), x(), { relative: 0, absolute: 0 });
  });

  test("an operation of chance 0.3 reaches about 0.3 of the samples", () => {
    const images = tf.ones<tf.Rank.R4>([2000, 4, 4, 1]);
    const cut = applyPolicy(images, key(5), {
      policy: ["cutout"],
      probability: { ...diffAugment.defaults.probability, cutout: 0.3 },
    });
    const touched = tf.sum(tf.cast(tf.less(tf.min(cut, [1, 2, 3]), 0.5), "float32")).dataSync()[0]!;
    expect(touched / 2000).toBeGreaterThan(0.26);
    expect(touched / 2000).toBeLessThan(0.34);
  });

  test("translation reaches both ends of its range, and no farther", () => {
    const policy = ["translation"] as const;
    const one = tf.pad4d(tf.ones<tf.Rank.R4>([400, 1, 1, 1]), [
      [0, 0],
      [4, 3],
      [4, 3],
      [0, 0],
    ]);
    const rows = tf.argMax(tf.sum(applyPolicy(one, fold(key(6), 0), { policy }), [2, 3]), 1).dataSync();
    expect([Math.min(...rows), Math.max(...rows)]).toEqual([3, 5]); // 8 pixels, ratio 0.125: one pixel each way
  });

  test("refuses a chance outside [0, 1]", () => {
    expect(() => diffAugment({ probability: { cutout: 2 } as never })).toThrow(
      /probability.cutout must be a number from 0 to 1, got 2/,
    );
  });
});
