import { fold, key } from "@ganymede/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batchIndices, batchOrder, mirrorFlips } from "./batch-order.js";

const seeds = fc.integer({ min: 0, max: 1e9 });

describe("batchOrder", () => {
  it("shows every image once in each epoch, batches crossing epochs", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 70 }), (seed, length, batch) => {
        const order = batchOrder(key(seed), length);
        const steps = Math.ceil((3 * length) / batch);
        const shown = Array.from({ length: steps }, (_, step) => [...order(step, batch)]).flat();
        for (let epoch = 0; epoch < 3; epoch++) {
          const part = shown.slice(epoch * length, (epoch + 1) * length);
          expect([...part].sort((a, b) => a - b)).toEqual([...Array(length).keys()]);
        }
      }),
    );
  });

  it("is a function of the step alone, whichever steps came before", () => {
    fc.assert(
      fc.property(seeds, fc.array(fc.nat(40), { maxLength: 8 }), fc.nat(40), (seed, before, step) => {
        const order = batchOrder(key(seed), 17);
        for (const earlier of before) order(earlier, 5);
        expect(order(step, 5)).toEqual(batchIndices(key(seed), step, 5, 17));
      }),
    );
  });

  it("orders each epoch and each seed anew", () => {
    const order = batchOrder(key(1), 100);
    expect(order(0, 100)).not.toEqual(order(1, 100));
    expect(order(0, 100)).not.toEqual(batchIndices(key(2), 0, 100, 100));
  });

  it("refuses an empty dataset and half a step", () => {
    expect(() => batchOrder(key(0), 0)).toThrow(/at least one image/);
    expect(() => batchOrder(key(0), 4)(0.5, 2)).toThrow(/got 0.5 and 2/);
  });
});

describe("mirrorFlips", () => {
  it("tosses a fair coin per image, the same for the same step", () => {
    const flips = mirrorFlips(key(3), 5, 10_000);
    const share = flips.reduce((sum, flip) => sum + flip, 0) / flips.length;
    expect(share).toBeGreaterThan(0.48);
    expect(share).toBeLessThan(0.52);
    expect(mirrorFlips(key(3), 5, 10_000)).toEqual(flips);
    expect(mirrorFlips(fold(key(3), 1), 5, 10_000)).not.toEqual(flips);
  });
});
