import { expect, it } from "vitest";
import { medianPace, secondsSpent } from "./pace.js";

it("adds up the sessions of a run", () => {
  const line = (step: number, seconds: number) => ({ step, seconds });
  expect(secondsSpent([])).toBe(0);
  expect(secondsSpent([{ step: 0 }, line(1, 2), line(10, 5)])).toBe(5);
  expect(secondsSpent([line(1, 2), line(10, 5), line(11, 1), line(20, 4), line(21, 1)])).toBe(10);
});

it("takes the middle pace, without the first line", () => {
  const lines = [1, 100, 90, 5].map((imagesPerSecond, step) => ({ step, imagesPerSecond }));
  expect(medianPace([{ step: 0 }, ...lines])).toBe(90);
  expect(medianPace(lines.slice(0, 1))).toBe(1);
});
