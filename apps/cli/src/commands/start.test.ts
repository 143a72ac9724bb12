import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
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
    expect(command.notes.at(-1)).toMatch(/already finished.*--fresh to start again/);
    const before = command.out.length;
    expect(await command.run(...start, "--json", "--fresh")).toBe(0);
    expect(command.out.length).toBeGreaterThan(before + 1);
    expect(JSON.parse(command.out.at(-1)!)).toEqual(first);
  });

  it("leaves a folder alone whose config.json is not that of a run", async () => {
    const command = await testCommand();
    const folder = join(command.cwd, "site");
    for (const text of ['{"name":"site"}', "# yaml", '{"format":1,"family":"x","training":{}}']) {
      await mkdir(join(folder, "checkpoints"), { recursive: true });
      await writeFile(join(folder, "config.json"), text);
      await writeFile(join(folder, "index.html"), "<p>");
      await writeFile(join(folder, "checkpoints", "step-000001.safetensors"), "weights");
      expect(await command.run(...start, "--fresh", "--out", "site")).toBe(2);
      expect(command.notes.at(-1)).toMatch(/site\/config.json: .*run configuration|is not valid JSON/);
      expect(await readFile(join(folder, "config.json"), "utf8")).toBe(text);
      expect((await readdir(folder)).sort()).toEqual(["checkpoints", "config.json", "index.html"]);
      expect(await readdir(join(folder, "checkpoints"))).toEqual(["step-000001.safetensors"]);
    }
  });

  it("--fresh removes the old run when the new one has run its first step, file by file, and names what it leaves", async () => {
    const command = await testCommand();
    const folder = join(command.cwd, "runs", "quick-start");
    await command.run(...start);
    await writeFile(join(folder, "notes.txt"), "mine");
    await writeFile(join(folder, "checkpoints", "best.safetensors"), "mine");
    const entries = async () => (await readdir(folder, { recursive: true })).sort();
    const before = await entries();
    const failing = [
      ["--preset", "toy-wid"],
      ["--data", "nowhere"],
      ["--backend", "cup"],
      ["--minutes", "-1"],
      ["--inception", "nothing.pth"],
      ["--preset", "toy-unstable"],
    ];
    for (const args of failing) {
      expect(await command.run(...start, "--fresh", ...args)).toBeGreaterThan(1);
      expect(await entries()).toEqual(before);
    }
    expect(await command.run(...start.slice(0, -1), "2", "--fresh")).toBe(0);
    expect(command.notes.join("\n")).toMatch(
      /Kept because ganymede did not write it: notes.txt, checkpoints\/best.safetensors/,
    );
    expect(await entries()).toEqual([
      "checkpoints",
      "checkpoints/best.safetensors",
      "checkpoints/step-000002.safetensors",
      "config.json",
      "metrics.jsonl",
      "notes.txt",
      "quick-start.json",
      "samples",
      "samples/step-000000.png",
      "samples/step-000002.png",
    ]);
  });

  it("does not begin beside checkpoints whose configuration is gone", async () => {
    const command = await testCommand();
    await command.run(...start, "--out", "a");
    for (const name of ["config.json", "quick-start.json"]) await rm(join(command.cwd, "a", name));
    expect(await command.run(...start, "--out", "a", "--fresh")).toBe(2);
    expect(command.notes.at(-1)).toMatch(
      /must not mix with an older one, but .*a still holds .* without its config.json/,
    );
    expect(existsSync(join(command.cwd, "a", "checkpoints", "step-000004.safetensors"))).toBe(true);
  });

  it("counts the images of every update", async () => {
    const command = await testCommand();
    expect(await command.run(...start, "--preset", "toy-parts", "--out", "a")).toBe(0);
    const lines = (await readFile(join(command.cwd, "a", "metrics.jsonl"), "utf8")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line)).map(({ step, images }) => [step, images])).toEqual([
      [0, 0],
      [1, 24],
      [4, 96],
      [4, 96],
    ]);
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
