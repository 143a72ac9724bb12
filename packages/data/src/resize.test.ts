import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { convertChannels } from "./channels.js";
import { bicubicResizer } from "./resize.js";

describe("bicubicResizer", () => {
  it("keeps a constant image constant at any size", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.nat(255), (from, to, value) => {
        const out = bicubicResizer([from, from, 1], to)(new Uint8Array(from * from).fill(value));
        expect(out).toEqual(new Uint8Array(to * to).fill(value));
      }),
    );
  });

  it("is the identity at the image's own size", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 48, maxLength: 48 }), (pixels) => {
        expect(bicubicResizer([4, 4, 3], 4)(pixels)).toEqual(pixels);
      }),
    );
  });

  it("halves a ramp to the values that Pillow's BICUBIC gives", () => {
    const ramp = Uint8Array.from({ length: 64 }, (_, i) => (i % 8) * 30);
    const row = bicubicResizer([8, 8, 1], 4)(ramp).subarray(0, 4);
    expect([...row]).toEqual([16, 74, 136, 194]);
  });

  it("takes the middle of a wide image", () => {
    const wide = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]); // 2 x 4
    expect(bicubicResizer([2, 4, 1], 2)(wide)).toEqual(Uint8Array.of(2, 3, 6, 7));
  });

  it("clips overshoot instead of wrapping", () => {
    const edge = Uint8Array.from({ length: 256 }, (_, i) => (i % 16 < 8 ? 0 : 255));
    const out = bicubicResizer([16, 16, 1], 32)(edge);
    expect(Math.max(...out.subarray(0, 12))).toBeLessThan(30);
    expect(Math.min(...out.subarray(20, 32))).toBeGreaterThan(225);
  });
});

describe("convertChannels", () => {
  it("repeats grey and takes luma", () => {
    expect(convertChannels(Uint8Array.of(7, 9), 1, 3)).toEqual(Uint8Array.of(7, 7, 7, 9, 9, 9));
    expect(convertChannels(Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255), 3, 1)).toEqual(Uint8Array.of(76, 150, 29));
  });
});
