import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openDataset } from "@ganymede/data";
import { data } from "@ganymede/data/node";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import type { TestCommand } from "../fixtures/test-context.js";
import { testCommand } from "../fixtures/test-context.js";

let command: TestCommand;

beforeAll(async () => {
  command = await testCommand();
  const args = ["train", "toy-small", "--set", "side=16", "--data", "images", "--out", "run", "--steps", "3"];
  expect(await command.run(...args)).toBe(0);
});

const raw = async (path: string) => sharp(join(command.cwd, path)).toColourspace("b-w").raw().toBuffer();

describe("ganymede sample", () => {
  it("writes a grid that depends on the seed alone", async () => {
    expect(await command.run("sample", "run", "--count", "6", "--out", "a.png")).toBe(0);
    const { width, height } = await sharp(join(command.cwd, "a.png")).metadata();
    expect([width, height]).toEqual([3 * 16 * 2, 2 * 16 * 2]);
    await command.run(
      "sample",
      join("run", "checkpoints", "step-000003.safetensors"),
      "--count",
      "6",
      "--out",
      "b.png",
    );
    await command.run("sample", "run", "--count", "6", "--seed", "1", "--out", "c.png");
    expect(await raw("a.png")).toEqual(await raw("b.png"));
    expect(await raw("a.png")).not.toEqual(await raw("c.png"));
  });

  it("writes single images, those of the grid", async () => {
    await command.run("sample", "run", "--count", "20", "--single", "--out", "many");
    const names = await readdir(join(command.cwd, "many"));
    expect([names.length, names[0]]).toEqual([20, "000000.png"]);
    await command.run("sample", "run", "--count", "1", "--out", "one.png");
    const enlarged = await raw("one.png");
    const single = await raw(join("many", "000000.png"));
    expect(enlarged[0]).toBe(single[0]);
    expect(enlarged.at(-1)).toBe(single.at(-1));
  });

  it("draws tamer images with truncation, and strips between two images", async () => {
    await command.run("sample", "run", "--count", "16", "--out", "wild.png");
    await command.run("sample", "run", "--count", "16", "--truncation", "0.1", "--out", "tame.png");
    const spread = (pixels: Buffer) => pixels.reduce((sum, value) => sum + Math.abs(value - 127.5), 0) / pixels.length;
    expect(spread(await raw("tame.png"))).toBeLessThan(spread(await raw("wild.png")) / 3);
    await command.run("sample", "run", "--interpolate", "5", "--count", "2", "--out", "strip.png");
    const { width, height } = await sharp(join(command.cwd, "strip.png")).metadata();
    expect([width, height]).toEqual([5 * 32, 2 * 32]);
  });

  it("draws with statistics gathered anew, the same for an image alone as for one among others", async () => {
    const normed = [
      "train",
      "toy-small",
      "--set",
      "normed=true",
      "--set",
      "side=16",
      "--data",
      "images",
      "--out",
      "normed",
      "--steps",
      "2",
    ];
    expect(await command.run(...normed), command.notes.join()).toBe(0);
    const draw = async (count: string, ...more: string[]) => {
      const args = ["sample", "normed", "--single", "--count", count, "--out", "drawn", ...more];
      expect(await command.run(...args), command.notes.join()).toBe(0);
      return raw(join("drawn", "000000.png"));
    };
    expect(await draw("2")).not.toEqual(await draw("3"));
    const standing = ["--standing-passes", "3", "--standing-batch", "8"];
    const alone = await draw("1", ...standing);
    expect(new Set(alone).size).toBeGreaterThan(8);
    expect(await draw("3", ...standing)).toEqual(alone);
    expect(await command.run("eval", "normed", "--metric", "swd", "--count", "8", ...standing)).toBe(0);
    expect(await command.run("sample", "run", "--standing-passes", "3")).toBe(5);
    expect(command.notes.at(-1)).toMatch(/must have norms over the batch/);
    expect(await command.run("sample", "normed", "--standing-batch", "3")).toBe(2);
    expect(await command.run("eval", "images", "images", "--standing-passes", "3")).toBe(2);
  });

  it("names what is missing", async () => {
    expect(await command.run("sample", "nowhere")).toBe(3);
    expect(command.notes.at(-1)).toMatch(/must contain a checkpoint.*train first/);
    expect(await command.run("sample", "gone.safetensors")).toBe(3);
    expect(await command.run("sample", "run", "--single", "--interpolate", "3")).toBe(2);
    expect(await command.run("sample", "run", "--truncation", "0.01")).toBe(2);
    expect(await command.run("sample", "run", "--psi", "1.5")).toBe(2);
    expect(await command.run("sample", "run", "--psi", "0.5")).toBe(5);
    expect(command.notes.at(-1)).toMatch(/must have styles w.*--truncation/);
  });
});

describe("ganymede eval", () => {
  it("measures a run against its data, and a folder against a folder", async () => {
    expect(await command.run("eval", "run", "--metric", "swd", "--count", "20", "--json")).toBe(0);
    const result = JSON.parse(command.out.at(-1)!);
    expect(result).toMatchObject({ id: "swd", details: { realImages: 20, generatedImages: 20 } });
    await command.run("eval", "run", "--metric", "swd", "--count", "20", "--json");
    expect(JSON.parse(command.out.at(-1)!)).toEqual({ ...result, realStatistics: "cached" });
    expect(await command.run("eval", "images", "images", "--size", "16", "--metric", "swd", "--json")).toBe(0);
    expect(JSON.parse(command.out.at(-1)!).value).toBeCloseTo(0, 5);
  });

  it("says what it needs", async () => {
    expect(await command.run("eval", "images")).toBe(2);
    expect(command.notes.at(-1)).toMatch(/against real images.*ganymede eval images <real>/);
    expect(await command.run("eval", "run", "--metric", "fid-2048")).toBe(3);
    expect(command.notes.at(-1)).toMatch(/^inception: no Inception weights were found; pass them with --inception/);
    expect(await command.run("eval", "run", "--inception", "nothing.pth")).toBe(3);
  });

  it("opens the folder that sample wrote", async () => {
    await command.run("sample", "run", "--count", "4", "--single", "--out", "few");
    const dataset = await openDataset(data().datasets ?? [], join(command.cwd, "few"));
    expect([dataset.length, dataset.imageShape]).toEqual([4, [16, 16, 3]]);
    await writeFile(join(command.cwd, "few", "x.bmp"), "");
    expect(await command.run("eval", "few", "few", "--metric", "swd", "--json")).toBe(0);
    expect(command.notes.join("\n")).toMatch(/few: skipped 1 \.bmp file \(unsupported format\)/);
  });
});
