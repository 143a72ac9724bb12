import fc from "fast-check";
import { expect, it } from "vitest";
import { fromBfloat16, toBfloat16 } from "./bfloat16.js";

it.each([
  [0, 0],
  [-0, 0x8000],
  [1, 0x3f80],
  [-2.5, 0xc020],
  [Number.POSITIVE_INFINITY, 0x7f80],
  // 1 + 2^-8 lies in the middle, and the even neighbour is 1; 1 + 3 * 2^-8 goes up to 1 + 2^-6.
  [1 + 2 ** -8, 0x3f80],
  [1 + 3 * 2 ** -8, 0x3f82],
  [3.4028234663852886e38, 0x7f80],
  [1e-40, 0x0001],
])("%s has the bits %s", (value, expected) => {
  expect(toBfloat16(value)).toBe(expected);
});

it("NaN stays NaN, and every number goes there and back", () => {
  expect(fromBfloat16(toBfloat16(Number.NaN))).toBeNaN();
  for (let half = 0; half < 0x1_0000; half++) {
    const value = fromBfloat16(half);
    if (!Number.isNaN(value)) expect(toBfloat16(value)).toBe(half);
  }
});

it("is the nearest number", () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 127), max: 2 ** 127 }), (value) => {
      const half = toBfloat16(value);
      const error = Math.abs(fromBfloat16(half) - value);
      for (const other of [half - 1, half + 1]) {
        const neighbour = fromBfloat16(other & 0xffff);
        if (Number.isFinite(neighbour)) expect(error).toBeLessThanOrEqual(Math.abs(neighbour - value));
      }
    }),
  );
});
