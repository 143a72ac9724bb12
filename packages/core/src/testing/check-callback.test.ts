import { describe, expect, test } from "vitest";
import type { Callback, CallbackInputs } from "../contracts/callback.js";
import { withoutSettings } from "../fixtures/without-settings.js";
import { checkCallback } from "./check-callback.js";

describe("checkCallback", () => {
  const stopping = ({ stop }: CallbackInputs): Callback => ({
    onMetrics: (_, { swd = 9 }) => (swd < 2 ? stop() : undefined),
  });
  const check = (create: (inputs: CallbackInputs) => Callback, stopsAt?: number | null) =>
    checkCallback(withoutSettings(create), stopsAt === undefined ? {} : { stopsAt });

  test("right callbacks conform", async () => {
    await check(stopping, 2);
    await check(() => ({}), null);
  });

  let runs = 0;
  test.each<[string, (inputs: CallbackInputs) => Callback, RegExp]>([
    [
      "stops at once",
      ({ stop }) => {
        stop();
        return {};
      },
      /must not stop a run before its first step/,
    ],
    ["never stops", () => ({}), /must stop the run at step 2, got null/],
    [
      "reads losses that are not there",
      () => ({ onStep: ({ report }) => void (report as Record<string, number>)["loss/d"]?.toFixed() }),
      /onStep must not throw, but throws: Cannot read properties of null/,
    ],
    [
      "changes what it is shown",
      () => ({ onMetrics: (_, values) => void Object.assign(values as object, { swd: 0 }) }),
      /onMetrics must not throw, but throws: Cannot assign to read only/,
    ],
    [
      "knows of other runs",
      ({ stop }) => (runs++ === 0 ? stopping({ stop } as CallbackInputs) : {}),
      /two runs must be independent, but they stop at 2 and at null/,
    ],
    [
      "needs a first step",
      () => {
        let steps: number[] | undefined;
        return {
          onStart: () => {
            steps = [];
          },
          onStep: ({ step }) => void steps?.push(step),
          onMetrics: () => undefined,
          onEnd: () => void (steps as number[]).length,
        };
      },
      /onEnd of a run that failed before its first step must not throw/,
    ],
  ])("one that %s does not", async (name, create, message) => {
    const stopsAt = /first step|reads|changes/.test(name) ? undefined : 2;
    await expect(check(create, stopsAt)).rejects.toThrow(message);
  });
});
