import fc from "fast-check";
import { expect, it } from "vitest";
import { digest } from "./digest.js";

it("is the same for the same bytes, wherever they lie", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(5), (bytes, offset) => {
      const moved = new Uint8Array(bytes.length + offset);
      moved.set(bytes, offset);
      expect(digest(moved.subarray(offset))).toBe(digest(bytes));
    }),
  );
});

it("differs where one byte differs, or their number", () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(bytes, fc.nat(39), fc.integer({ min: 1, max: 255 }), (original, at, change) => {
      const other = original.slice();
      other[at % other.length]! ^= change;
      expect(digest(other)).not.toBe(digest(original));
      expect(digest(Uint8Array.of(...original, 0))).not.toBe(digest(original));
    }),
  );
});

it("tells many bytes apart that differ in two places", () => {
  const bytes = new Uint8Array(64);
  const seen = new Set<string>();
  for (let i = 0; i < 32; i++) {
    for (let value = 0; value < 256; value++) {
      const other = bytes.slice();
      other[i] = value;
      other[63 - i] = 255 - value;
      seen.add(digest(other));
    }
  }
  expect(seen.size).toBe(32 * 256);
});
