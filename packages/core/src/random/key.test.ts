import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fillNormal, fillUniform, permutation } from "./bits.js";
import { normal } from "./draw.js";
import { fold, key } from "./key.js";

describe("key", () => {
  it("gives the same words for the same seed and folds", () => {
    expect(fold(fold(key(7), "a"), 3)).toEqual(fold(fold(key(7), "a"), 3));
  });

  it("gives different words for different folds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0 }), fc.nat(), fc.nat(), (seed, i, j) => {
        fc.pre(i !== j);
        expect(fold(key(seed), i).words).not.toEqual(fold(key(seed), j).words);
        expect(fold(key(seed), String(i)).words).not.toEqual(fold(key(seed), i).words);
      }),
    );
  });

  it("draws numbers with the asked mean and deviation", () => {
    const values = fillNormal(new Float32Array(100_000), key(1), 2, 3);
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(2, 1);
    expect(Math.sqrt(variance)).toBeCloseTo(3, 1);
  });

  it("keeps neighbouring keys uncorrelated", () => {
    const a = fillUniform(new Float32Array(50_000), fold(key(1), 0), -1, 1);
    const b = fillUniform(new Float32Array(50_000), fold(key(1), 1), -1, 1);
    const correlation = a.reduce((sum, x, i) => sum + x * (b[i] as number), 0) / (a.length / 3);
    expect(Math.abs(correlation)).toBeLessThan(0.02);
  });

  it("permutes every index exactly once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0 }), fc.integer({ min: 1, max: 300 }), (seed, length) => {
        expect([...permutation(key(seed), length)].sort((a, b) => a - b)).toEqual([...Array(length).keys()]);
      }),
    );
  });
});

it("a tensor that no memory holds is refused by its shape", () => {
  expect(() => normal(key(1), [1e9, 64])).toThrow(
    "a tensor of shape [1000000000, 64] must fit in memory, but needs 256 GB; choose smaller widths or sizes",
  );
});
