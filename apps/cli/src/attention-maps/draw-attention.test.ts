import { describe, expect, it } from "vitest";
import { heat, perceptual, segmentColour } from "./colours.js";
import { framed, heatTile, imageTile, segmentTile, spaced } from "./draw-attention.js";

const pixel = ({ pixels, side }: { pixels: Uint8Array; side: number }, y: number, x: number) => [
  ...pixels.subarray((y * side + x) * 3, (y * side + x) * 3 + 3),
];
const light = ([r, g, b]: readonly number[]) => 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
const black = imageTile(new Uint8Array(16), 1, 8);

describe("colours", () => {
  it("has grey, black and white where there is no chroma", () => {
    expect([perceptual(0, 0, 0), perceptual(1, 0, 0.3)]).toEqual([
      [0, 0, 0],
      [255, 255, 255],
    ]);
    const [r, g, b] = perceptual(0.5, 0, 0.7);
    expect([g, b]).toEqual([r, r]);
  });

  it("grows lighter with the heat, step by step", () => {
    const steps = Array.from({ length: 51 }, (_, i) => light(heat(i / 50)));
    for (const [i, value] of steps.slice(1).entries()) expect(value).toBeGreaterThan(steps[i]!);
    expect(steps[50]! - steps[0]!).toBeGreaterThan(180);
  });

  it("gives each of 32 segments a colour of its own", () => {
    const colours = Array.from({ length: 32 }, (_, i) => segmentColour(i));
    for (const [i, a] of colours.entries()) {
      for (const b of colours.slice(0, i)) expect(Math.hypot(...a.map((value, c) => value - b[c]!))).toBeGreaterThan(8);
    }
  });
});

describe("tiles", () => {
  it("brings images to their side, grey ones in colour", () => {
    const grey = imageTile(Uint8Array.of(1, 2, 3, 4), 1, 4);
    expect([pixel(grey, 1, 1), pixel(grey, 0, 2), pixel(grey, 3, 3)]).toEqual([
      [1, 1, 1],
      [2, 2, 2],
      [4, 4, 4],
    ]);
    expect(pixel(imageTile(Uint8Array.of(9, 8, 7), 3, 2), 1, 1)).toEqual([9, 8, 7]);
  });

  it("is brightest where the query looks most, a class token left out", () => {
    const keys = { side: 2, before: 1 };
    const tile = heatTile(black, Float32Array.of(0.9, 0.01, 0.02, 0.06, 0.01), keys);
    expect(pixel(tile, 5, 1)).toEqual(heat(1).map((value) => Math.round(0.7 * value)));
    expect(light(pixel(tile, 1, 5))).toBeGreaterThan(light(pixel(tile, 1, 1)));
    expect(pixel(tile, 1, 1)).toEqual(pixel(tile, 5, 5));
  });

  it("colours each token by the latent that it reads most", () => {
    const weights = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0);
    const tile = segmentTile(black, weights, { side: 2, before: 0 });
    const at = (latent: number) => segmentColour(latent).map((value) => Math.round(0.3 * value));
    expect([pixel(tile, 0, 0), pixel(tile, 0, 4), pixel(tile, 4, 0), pixel(tile, 4, 4)]).toEqual([0, 1, 2, 0].map(at));
  });

  it("frames a token and leaves its inside alone", () => {
    const tile = framed(imageTile(new Uint8Array(256).fill(100), 1, 16), { side: 2, before: 0 }, 1, 0);
    expect([pixel(tile, 8, 0), pixel(tile, 15, 7), pixel(tile, 7, 0)]).toEqual([
      [255, 255, 255],
      [255, 255, 255],
      [0, 0, 0],
    ]);
    expect([pixel(tile, 11, 4), pixel(tile, 3, 12)]).toEqual([
      [100, 100, 100],
      [100, 100, 100],
    ]);
  });

  it("leaves white between tiles", () => {
    const { pixels, side } = spaced({ pixels: new Uint8Array(12), side: 2 }, 1);
    expect(side).toBe(3);
    expect([...pixels].filter((value) => value === 255)).toHaveLength(5 * 3);
  });
});
