import { fillDraw, fold, key } from "@ganymede/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { double, halve, laplacianPyramid, levelSides } from "./laplacian-pyramid.js";
import { sortedDistance } from "./sliced-distance.js";
import { slicedWasserstein } from "./sliced-wasserstein.js";

type Shape = [number, number, number, number];

/** Smooth random images: a gradient of random direction with noise on it. */
function images(seed: number, [batch, height, width, channels]: Shape, shift = 0): Uint8Array {
  const noise = new Float32Array(batch * height * width * channels);
  fillDraw(noise, { kind: "normal", mean: 128 + shift, deviation: 25 }, fold(key(seed), "images"));
  return Uint8Array.from(noise, (value, i) => Math.max(0, Math.min(255, Math.round(value + ((i / channels) % width)))));
}

async function distance(a: Uint8Array, b: Uint8Array, shape: Shape, other: Shape = shape): Promise<number> {
  const metric = slicedWasserstein();
  const [first, second] = [metric.start(), metric.start()];
  await metric.add(first, a, shape);
  await metric.add(second, b, other);
  return metric.finish(first, second).value;
}

describe("laplacianPyramid", () => {
  it("adds up to the image again", () => {
    const values = Float32Array.from(images(1, [1, 64, 64, 3]));
    const levels = laplacianPyramid({ values, height: 64, width: 64, channels: 3 }, 3);
    expect(levels.map(({ height }) => height)).toEqual([64, 32, 16]);
    const sum = levels.reduceRight((smaller, plane) => {
      const back = double(smaller).values;
      return { ...plane, values: plane.values.map((value, i) => value + back[i]!) };
    });
    for (let i = 0; i < values.length; i++) expect(sum.values[i]).toBeCloseTo(values[i]!, 3);
  });

  it("keeps a constant image constant through halving and doubling", () => {
    const plane = { values: new Float32Array(16 * 16).fill(7), height: 16, width: 16, channels: 1 };
    expect(double(halve(plane)).values.every((value) => Math.abs(value - 7) < 1e-4)).toBe(true);
  });

  it("has levels down to 16 pixels", () => {
    expect([16, 28, 32, 64, 256, 36].map(levelSides)).toEqual([
      [16],
      [28],
      [32, 16],
      [64, 32, 16],
      [256, 128, 64, 32, 16],
      [36, 18],
    ]);
  });
});

describe("sortedDistance", () => {
  it("is the mean difference of equal counts, and equals that of repeated samples for others", () => {
    const sample = fc.array(fc.float({ min: -9, max: 9, noNaN: true }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sample, sample, (left, right) => {
        const sorted = (values: number[]): Float32Array => Float32Array.from(values).sort();
        const repeated = (values: number[], times: number): Float32Array =>
          sorted(values.flatMap((value) => Array<number>(times).fill(value)));
        const [a, b] = [repeated(left, right.length), repeated(right, left.length)];
        const mean = a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
        expect(sortedDistance(sorted(left), sorted(right))).toBeCloseTo(mean, 4);
      }),
    );
  });
});

describe("slicedWasserstein", () => {
  it("is zero for equal sets, and small between two draws of one kind", async () => {
    const shape: Shape = [128, 32, 32, 3];
    const a = images(1, shape);
    expect(await distance(a, a, shape)).toBe(0);
    const same = await distance(a, images(2, shape), shape);
    const other = await distance(a, images(2, shape, 40), shape);
    expect(same).toBeLessThan(60);
    expect(other).toBeGreaterThan(2 * same);
  });

  it("grows with the shift, for grey images too", async () => {
    const shape: Shape = [64, 28, 28, 1];
    const real = images(1, shape);
    const distances = await Promise.all([0, 10, 20, 40].map((shift) => distance(real, images(3, shape, shift), shape)));
    expect([...distances].sort((x, y) => x - y)).toEqual(distances);
  });

  it("does not depend on how images come in batches, and survives being saved", async () => {
    const metric = slicedWasserstein();
    const shape: Shape = [12, 32, 32, 1];
    const all = images(4, shape);
    const [whole, parts] = [metric.start(), metric.start()];
    await metric.add(whole, all, shape);
    await metric.add(parts, all.subarray(0, 5 * 1024), [5, 32, 32, 1]);
    const loaded = metric.load(metric.save(parts));
    await metric.add(loaded, all.subarray(5 * 1024), [7, 32, 32, 1]);
    expect(metric.save(loaded)).toEqual(metric.save(whole));
    expect(metric.finish(whole, loaded)).toEqual({
      id: "swd",
      value: 0,
      details: { "swd-32": 0, "swd-16": 0, realImages: 12, generatedImages: 12 },
    });
  });

  it("keeps its memory when there are more patches than places, and compares sets of two sizes", async () => {
    const many: Shape = [600, 16, 16, 1];
    const few: Shape = [100, 16, 16, 1];
    expect(await distance(images(1, many), images(2, few), many, few)).toBeLessThan(40);
  });

  it("says what images it takes", async () => {
    const metric = slicedWasserstein();
    const state = metric.start();
    await expect(metric.add(state, new Uint8Array(8 * 8), [1, 8, 8, 1])).rejects.toThrowError(/at least 16 pixels/);
    await metric.add(state, new Uint8Array(256), [1, 16, 16, 1]);
    await expect(metric.add(state, new Uint8Array(768), [1, 16, 16, 3])).rejects.toThrowError(/after 16x16x1/);
    expect(() => metric.finish(state, metric.start())).toThrowError(/16x1 and none/);
  });
});
