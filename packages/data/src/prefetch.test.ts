import { setTimeout as wait } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { prefetch } from "./prefetch.js";

describe("prefetch", () => {
  it("yields in order and never holds more than depth items ahead, whatever takes how long", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        async (delays, depth) => {
          let started = 0;
          const got: number[] = [];
          const produce = async (step: number) => {
            started++;
            await wait(delays[step]);
            return step;
          };
          for await (const step of prefetch(produce, { to: delays.length, depth })) {
            got.push(step);
            expect(started).toBeLessThanOrEqual(Math.min(delays.length, step + 1 + depth));
          }
          expect(got).toEqual([...delays.keys()]);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("makes the next items while one is in use", async () => {
    const started: number[] = [];
    const items = prefetch(async (step) => started.push(step), { from: 5, depth: 2 });
    await items.next();
    expect(started).toEqual([5, 6, 7]);
    await items.return();
  });

  it("throws an error where its item is due, and starts nothing after the end", async () => {
    const got: number[] = [];
    let started = 0;
    const produce = async (step: number) => {
      started++;
      if (step === 2) throw new Error("broken file");
      return step;
    };
    const run = async () => {
      for await (const step of prefetch(produce, { depth: 3 })) got.push(step);
    };
    await expect(run()).rejects.toThrow("broken file");
    expect(got).toEqual([0, 1]);
    const after = started;
    await wait(5);
    expect(started).toBe(after);
  });

  it("waits for what is under way when the loop is left", async () => {
    let open = 0;
    const produce = async (step: number) => {
      open++;
      await wait(5);
      open--;
      return step;
    };
    for await (const step of prefetch(produce, { depth: 3 })) if (step === 1) break;
    expect(open).toBe(0);
  });

  it("refuses a depth below 1", async () => {
    await expect(prefetch(async () => 0, { depth: 0 }).next()).rejects.toThrow(/depth must be/);
  });
});
