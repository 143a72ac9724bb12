import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { convertChannels } from "./channels.js";
import { imageFitter } from "./fit-image.js";
import { bytesOf, pillow } from "./fixtures/pillow.js";
import { squareResizer } from "./resize.js";

const filters = fc.constantFrom("bicubic" as const, "lanczos" as const);

describe("squareResizer", () => {
  it.each(pillow.resized)(
    "gives Pillow's bytes for $shape, up and down, by both filters",
    ({ shape, pixels, results }) => {
      for (const { size, filter, pixels: expected } of results) {
        const out = squareResizer(shape, size, filter)(bytesOf(pixels));
        expect(Buffer.compare(out, bytesOf(expected)), `${filter} to ${size}`).toBe(0);
      }
    },
  );

  it("keeps a constant image constant at any size", () => {
    fc.assert(
      fc.property(
        filters,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(255),
        (filter, from, to, value) => {
          const out = squareResizer([from, from, 1], to, filter)(new Uint8Array(from * from).fill(value));
          expect(out).toEqual(new Uint8Array(to * to).fill(value));
        },
      ),
    );
  });

  it("is the identity at the image's own size", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 48, maxLength: 48 }), (pixels) => {
        expect(squareResizer([4, 4, 3], 4, "lanczos")(pixels)).toEqual(pixels);
      }),
    );
  });

  it("takes the middle of a wide image", () => {
    const wide = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]); // 2 x 4
    expect(squareResizer([2, 4, 1], 2, "bicubic")(wide)).toEqual(Uint8Array.of(2, 3, 6, 7));
    const tall = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]); // 5 x 2, one row more below
    expect(squareResizer([5, 2, 1], 2, "lanczos")(tall)).toEqual(Uint8Array.of(3, 4, 5, 6));
  });

  it("clips overshoot instead of wrapping", () => {
    const edge = Uint8Array.from({ length: 256 }, (_, i) => (i % 16 < 8 ? 0 : 255));
    const out = squareResizer([16, 16, 1], 32, "bicubic")(edge);
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

describe("imageFitter", () => {
  it("is grey before a resize and colour after it", () => {
    const colour = Uint8Array.from({ length: 5 * 7 * 3 }, (_, i) => (i * 83) % 256);
    const grey = convertChannels(colour, 3, 1);
    const small = squareResizer([5, 7, 1], 3, "lanczos")(grey);
    const fit = { size: 3, filter: "lanczos" } as const;
    expect(imageFitter([5, 7, 3], { ...fit, channels: 1 })(colour)).toEqual(small);
    expect(imageFitter([5, 7, 1], { ...fit, channels: 3 })(grey)).toEqual(convertChannels(small, 1, 3));
    expect(imageFitter([5, 7, 3], { size: undefined, channels: 1, filter: "lanczos" })(colour)).toEqual(grey);
  });
});
