import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toBytes, toSignedUnit } from "./signed-unit.js";

describe("toSignedUnit", () => {
  it("maps 0 to -1, 255 to 1, and every byte back to itself", () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const values = toSignedUnit(all, [1, 16, 16, 1]);
    expect([values[0], values[255]]).toEqual([-1, 1]);
    expect(toBytes(values)).toEqual(all);
  });

  it("mirrors twice to the same and fills the given buffer", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 36, maxLength: 36 }), (pixels) => {
        const shape = [2, 2, 3, 3] as const;
        const out = new Float32Array(36);
        expect(toSignedUnit(pixels, shape, [0, 1], out)).toBe(out);
        const again = toSignedUnit(toBytes(out), shape, [0, 1]);
        expect(again).toEqual(toSignedUnit(pixels, shape));
      }),
    );
  });

  it("mirrors left to right, keeping channels in order", () => {
    const pixels = Uint8Array.of(1, 2, 3, 4, 5, 6); // 1 x 2 x 3
    expect(toBytes(toSignedUnit(pixels, [1, 1, 2, 3], [1]))).toEqual(Uint8Array.of(4, 5, 6, 1, 2, 3));
  });

  it("refuses a buffer of another size", () => {
    expect(() => toSignedUnit(new Uint8Array(4), [1, 1, 4, 1], undefined, new Float32Array(3))).toThrow(/got 4 and 3/);
  });
});

describe("toBytes", () => {
  it("clips, and turns NaN to 0", () => {
    expect(toBytes([-3, -1, 0, 1, 3, Number.NaN])).toEqual(Uint8Array.of(0, 0, 128, 255, 255, 0));
  });
});
