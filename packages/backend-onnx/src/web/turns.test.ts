import { expect, it } from "vitest";
import { turns } from "./turns.js";

it("runs one task at a time, in order, past failures", async () => {
  const turn = turns();
  const events: string[] = [];
  const task = (name: string, fails = false) =>
    turn(async () => {
      events.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 2));
      events.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    });
  const results = await Promise.allSettled([task("a"), task("b", true), task("c")]);
  expect(events).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});
