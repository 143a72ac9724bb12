import fc from "fast-check";
import { expect, it } from "vitest";
import { fromHalf, toHalf } from "./half.js";

it("gives every number of half precision back", () => {
  for (let half = 0; half < 0x10000; half++) {
    const number = fromHalf(half);
    if (Number.isNaN(number)) expect(fromHalf(toHalf(number))).toBeNaN();
    else expect(toHalf(number)).toBe(half);
  }
});

it("takes the nearest number, and of two the even one", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x7bfe }), fc.double({ min: 0, max: 1, noNaN: true }), (half, share) => {
      const [low, high] = [fromHalf(half), fromHalf(half + 1)];
      const between = Math.fround(low + (high - low) * share);
      const middle = (low + high) / 2;
      const nearest = between < middle ? half : between > middle ? half + 1 : half + (half % 2);
      expect(toHalf(between)).toBe(nearest);
      expect(toHalf(-between)).toBe(nearest | 0x8000);
    }),
  );
});

it("turns what is too large into an infinity", () => {
  expect([65504, 65519, 65520, 1e30, Number.POSITIVE_INFINITY].map(toHalf)).toEqual([
    0x7bff, 0x7bff, 0x7c00, 0x7c00, 0x7c00,
  ]);
});
