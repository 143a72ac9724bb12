import { expect, it } from "vitest";
import { torture } from "./torture.js";

it("a run that is killed while it starts, between steps and during a write ends as one that nothing disturbed", async () => {
  // When it starts, at 0.3 of that time; between steps, 100 ms after the first; as soon as a write is seen.
  const moments = [0.1, 0.3, 0.5, 0.5, 0.9];
  const result = await torture({
    preset: "vitgan-tiny",
    kills: 3,
    random: () => moments.shift() ?? 0,
    onKill: () => undefined,
  });
  expect(result).toMatchObject({ kills: 3, differences: [] });
  expect(result.beforeSteps).toBeGreaterThan(0);
  expect(result.steps).toBeGreaterThan(3);
});
