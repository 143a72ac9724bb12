import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { key, normal } from "@ganymede/core";
import { expectAllClose } from "@ganymede/core/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { scale2d, translate2d } from "./homogeneous.js";
import { warp } from "./warp.js";

beforeAll(() => tf.setBackend("cpu"));

const images = () => normal<tf.Rank.R4>(key(1), [6, 8, 10, 3]);
const distance = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;

/** The definition: the mirrored image doubled by the symlet, read bilinearly, halved by the adjoint filter. */
function loopWarp(image: number[][], inverse: (place: readonly [number, number]) => readonly [number, number]) {
  const raw = [
    0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633, 0.4910559419267466,
    0.787641141030194, 0.3379294217276218, -0.07263752278646252, -0.021060292512300564, 0.04472490177066578,
    0.0017677118642428036, -0.007800708325034148,
  ];
  const sum = raw.reduce((total, tap) => total + tap, 0);
  const taps = raw.map((tap) => tap / sum);
  const [height, width] = [image.length, image[0]!.length];
  const mirror = (i: number, n: number) => {
    const period = 2 * (n - 1);
    const at = ((i % period) + period) % period;
    return Math.min(at, period - at);
  };
  const sources = (k: number) =>
    taps.flatMap((tap, t) => ((k + 5 - t) % 2 === 0 ? [[(k + 5 - t) / 2, 2 * tap] as const] : []));
  const doubled = (k: number, l: number) =>
    sources(k).reduce(
      (outer, [i, p]) =>
        outer + sources(l).reduce((inner, [j, q]) => inner + p * q * image[mirror(i, height)]![mirror(j, width)]!, 0),
      0,
    );
  const read = (x: number, y: number) => {
    const [column, row] = [2 * x + width - 1, 2 * y + height - 1];
    const [l, k] = [Math.floor(column), Math.floor(row)];
    const [fx, fy] = [column - l, row - k];
    return (
      (1 - fy) * ((1 - fx) * doubled(k, l) + fx * doubled(k, l + 1)) +
      fy * ((1 - fx) * doubled(k + 1, l) + fx * doubled(k + 1, l + 1))
    );
  };
  const middle = (k: number, n: number) => (k + 1 - (2 * (n + 6)) / 2) / 2;
  return image.map((_, i) =>
    image[0]!.map((__, j) =>
      taps.reduce(
        (outer, p, s) =>
          outer +
          taps.reduce((inner, q, t) => {
            const place = inverse([middle(2 * j + t + 1, width), middle(2 * i + s + 1, height)]);
            return inner + p * q * read(...place);
          }, 0),
        0,
      ),
    ),
  );
}

describe("warp", () => {
  test("the identity gives the images back", async () => {
    await expectAllClose(warp(images(), scale2d(6, 1, 1)), images(), { absolute: 2e-6 });
  });

  test("a shift by whole pixels moves them, and mirrors what lies beyond the border", () => {
    const x = images();
    const moved = warp(x, translate2d(6, 2, 0)); // each pixel comes from two columns to its right
    const inner = (y: tf.Tensor4D, from: number, count: number) => tf.slice(y, [0, 0, from, 0], [-1, -1, count, -1]);
    expect(distance(inner(moved, 0, 6), inner(x, 2, 6))).toBeLessThan(1e-5);
    expect(distance(inner(moved, 8, 2), tf.reverse4d(inner(x, 7, 2), 2))).toBeLessThan(1e-5);
  });

  test("warps as a plain loop over the filters does, in float64", () => {
    const x = normal<tf.Rank.R4>(key(1), [1, 5, 4, 1]);
    const [a, b, c, d, dx, dy] = [0.9, 0.4, -0.3, 1.1, 0.7, -1.2] as const;
    const warped = warp(
      x,
      tf.tensor3d([
        [
          [a, b, dx],
          [c, d, dy],
          [0, 0, 1],
        ],
      ]),
    );
    const expected = loopWarp(
      x.arraySync()[0]!.map((row) => row.map(([value]) => value!)),
      ([px, py]) => [a * px + b * py + dx, c * px + d * py + dy],
    );
    const found = warped.arraySync()[0]!;
    expected.forEach((row, i) => row.forEach((value, j) => expect(found[i]![j]![0]).toBeCloseTo(value, 4)));
  });
});
