import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { testCommand } from "../fixtures/test-context.js";

const start = ["start", "--preset", "toy-wide", "--data", "images", "--images", "20", "--steps", "4"];

describe("ganymede start", () => {
  it("measures before and after, and ends with three commands to type", async () => {
    const command = await testCommand();
    expect(await command.run(...start)).toBe(0);
    expect(await readdir(join(command.cwd, "runs", "quick-start", "samples"))).toEqual([
      "step-000000.png",
      "step-000004.png",
    ]);
    const text = command.out.join("\n");
    expect(text).toMatch(
      /Distance to the data \(swd, 20 images, smaller is better\):\n +before \d.* after \d.*\(4 steps\)/,
    );
    expect(command.out.slice(-3).map((line) => line.trim().split(" ").slice(0, 3).join(" "))).toEqual([
      "npx ganymede train",
      "npx ganymede sample",
      "npx ganymede eval",
    ]);
    expect(command.notes.join("\n")).toMatch(/Data: 20 images of images-train-16-grey, from --data/);
  });

  it("shows a finished run again without training, and begins anew with --fresh", async () => {
    const command = await testCommand();
    await command.run(...start, "--json");
    const first = JSON.parse(command.out.at(-1)!);
    expect(await command.run(...start, "--json")).toBe(0);
    expect(JSON.parse(command.out.at(-1)!)).toEqual(first);
    expect(command.notes.at(-1)).toMatch(/done already.*--fresh begins again/);
    const before = command.out.length;
    expect(await command.run(...start, "--json", "--fresh")).toBe(0);
    expect(command.out.length).toBeGreaterThan(before + 1);
    expect(JSON.parse(command.out.at(-1)!)).toEqual(first);
  });

  it("goes on with a run that was stopped, to the same result", async () => {
    const command = await testCommand();
    await command.run(...start, "--json", "--out", "straight");
    const straight = JSON.parse(command.out.at(-1)!);
    const push = command.out.push.bind(command.out);
    command.out.push = (...lines: string[]) => {
      if (lines.some((line) => line.includes('"step":1,"images"'))) command.interrupt();
      return push(...lines);
    };
    expect(await command.run(...start, "--json", "--out", "stopped")).toBe(130);
    expect(command.notes.at(-1)).toMatch(/Stopped and saved at step 1/);
    command.out.push = push;
    expect(await command.run(...start, "--json", "--out", "stopped")).toBe(0);
    const result = JSON.parse(command.out.at(-1)!);
    expect([result.before, result.after]).toEqual([straight.before, straight.after]);
  });
});
