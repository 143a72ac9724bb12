import { inference, key, normal } from "@ganymede/core";
import { checkAttention, expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import { axial } from "./axial.js";
import { grid } from "./grid.js";
import { fromWindows, roll, toWindows } from "./parts/windows.js";
import { sagan } from "./sagan.js";
import { plainSagan } from "./sagan-plain.js";
import { shiftedWindow, window } from "./window.js";

beforeAll(() => tf.setBackend("cpu"));

/** Where the output of pixel 0 changes with the input: pixels that it sees, as places of the map. */
function seenBy(
  pixel: number,
  run: (x: tf.Tensor4D) => tf.Tensor4D,
  [height, width]: readonly [number, number],
): number[] {
  const x = normal<tf.Rank.R4>(key(8), [1, height, width, 4]);
  const places = Array.from({ length: height * width }, (_, i) => i);
  const at = (map: tf.Tensor4D) => tf.slice(tf.reshape(map, [-1, 4]), [pixel, 0], [1, 4]).dataSync();
  const before = at(run(x));
  return places.filter((place) => {
    const mark = tf.reshape(tf.oneHot(tf.tensor1d([place], "int32"), height * width), [1, height, width, 1]);
    return at(run(tf.add(x, tf.mul(mark, 3)) as tf.Tensor4D)).some((value, i) => Math.abs(value - before[i]!) > 1e-6);
  });
}

describe("conforms", () => {
  test("sagan", () =>
    checkAttention(sagan(), { channels: 16, grid: [2, 4], equivariant: false, step: 0.002, tolerance: 1e-2 }));
  test("sagan-plain", () => checkAttention(plainSagan(), { channels: 16, grid: [2, 3], equivariant: false }));
  test("grid", () => checkAttention(grid({ window: 2 }), { grid: [2, 4], equivariant: false }));
  test("window", () => checkAttention(window({ window: 2 }), { grid: [2, 4], equivariant: false }));
  test("shifted-window", () => checkAttention(shiftedWindow({ window: 2 }), { grid: [4, 4], equivariant: false }));
  test("axial", () => checkAttention(axial(), { grid: [2, 3], equivariant: false }));
});

test("ids are stable", () => {
  const ids = [sagan(), plainSagan(), grid(), window(), shiftedWindow(), axial()];
  expect(ids.map(({ id }) => id)).toEqual(["sagan", "sagan-plain", "grid", "window", "shifted-window", "axial"]);
});

describe("sagan", () => {
  test("follows the formula in loops", async () => {
    const [height, width, channels] = [2, 4, 8];
    const layer = sagan().create({ channels, heads: 1 });
    const params = layer.init(key(3));
    const x = normal<tf.Rank.R4>(key(4), [1, height, width, channels]);
    const pixels = tf.reshape(x, [-1, channels]).arraySync() as number[][];
    const matrix = (p: { weight: tf.Tensor2D }) => p.weight.arraySync();
    const times = (row: number[], w: number[][]) => w[0]!.map((_, j) => row.reduce((s, v, i) => s + v * w[i]![j]!, 0));
    const pooled = (rows: number[][]) =>
      [0, 2].map((c) => rows[0]!.map((_, j) => Math.max(...[c, c + 1, c + 4, c + 5].map((p) => rows[p]![j]!))));
    const q = pixels.map((row) => times(row, matrix(params.query)));
    const k = pooled(pixels.map((row) => times(row, matrix(params.keys))));
    const v = pooled(pixels.map((row) => times(row, matrix(params.value))));
    const expected = q.flatMap((row) => {
      const powers = k.map((other) => Math.exp(row.reduce((s, value, c) => s + value * other[c]!, 0)));
      const sum = powers.reduce((a, b) => a + b, 0);
      const mixed = v[0]!.map((_, j) => powers.reduce((s, p, m) => s + (p / sum) * v[m]![j]!, 0));
      return times(mixed, matrix(params.output!));
    });
    await expectAllClose(layer.apply(params, x, inference), expected, { relative: 1e-4, absolute: 1e-5 });
  });

  test("says which heads and channels fit", () => {
    expect(() => sagan().create({ channels: 8, heads: 3 })).toThrow(/sagan: heads must divide 8/);
  });
});

describe("windows", () => {
  test("cut, join and roll undo one another", async () => {
    const x = normal<tf.Rank.R4>(key(5), [2, 4, 6, 3]);
    const exact = { relative: 0, absolute: 0 };
    await expectAllClose(fromWindows(toWindows(x, 2), 2, 4, 6), x, exact);
    await expectAllClose(roll(roll(x, 1), -1), x, exact);
    expect(roll(tf.tensor4d([0, 1, 2, 3], [1, 2, 2, 1]), 1).dataSync()).toEqual(Float32Array.of(3, 2, 1, 0));
  });

  test("a pixel of the grid sees its window alone", () => {
    const layer = grid({ window: 2 }).create({ channels: 4, heads: 1 });
    const params = layer.init(key(6));
    expect(seenBy(0, (x) => layer.apply(params, x, inference), [4, 4])).toEqual([0, 1, 4, 5]);
  });

  test("a shifted window joins four windows, and not the far border", () => {
    const layer = shiftedWindow({ window: 2 }).create({ channels: 4, heads: 1 });
    const params = layer.init(key(7));
    const sees = (pixel: number) => seenBy(pixel, (x) => layer.apply(params, x, inference), [4, 4]);
    expect(sees(5)).toEqual([5, 6, 9, 10]);
    expect(sees(0)).toEqual([0]);
    expect(sees(1)).toEqual([1, 2]);
  });

  test("axial attention sees the pixel's cross in each half, the whole map in both", () => {
    const layer = axial().create({ channels: 4, heads: 2 });
    const params = layer.init(key(9));
    expect(seenBy(4, (x) => layer.apply(params, x, inference), [2, 3])).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
