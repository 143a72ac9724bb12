import { spawnSync } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import type { TestCommand } from "../fixtures/test-context.js";
import { testCommand } from "../fixtures/test-context.js";

let command: TestCommand;
const at = (...path: string[]) => join(command.cwd, ...path);
beforeAll(async () => {
  command = await testCommand();
  await command.run("train", "toy-small", "--data", "images", "--out", "run", "--steps", "2");
  await command.run(
    "train",
    "styled-small",
    "--set",
    "attends=true",
    "--data",
    "images",
    "--out",
    "styled",
    "--steps",
    "1",
  );
});

const compare = ["compare", "toy-wide", "--data", "images", "--metric", "swd", "--metric-images", "20", "--steps", "1"];

describe("a file that a command writes", () => {
  it.each([
    ["picture.png", ["sample", "run", "--count", "4", "--out"]],
    ["walk.webp", ["sample", "run", "--interpolate", "3", "--animate", "--out"]],
    ["walk.gif", ["sample", "run", "--interpolate", "3", "--animate", "--out"]],
    ["maps.png", ["attend", "styled", "--out"]],
    ["weights.safetensors", ["export", "run", "--out"]],
    ["ours.safetensors", ["export", "run", "--names", "ours", "--network", "discriminator", "--out"]],
    ["table.md", [...compare, "--table"]],
  ])("takes the place of its own kind, but not of another file: %s", async (name, args) => {
    for (let again = 0; again < 2; again++) expect(await command.run(...args, name)).toBe(0);
    if (/png|gif|webp/.test(name)) await sharp(at(name), { animated: true }).stats();
    for (const text of ["mine", ""]) {
      await writeFile(at(name), text);
      expect(await command.run(...args, name)).toBe(2);
      expect(command.notes.at(-1)).toMatch(
        /^--(out|table): only files that ganymede wrote are replaced, and .*; move it away/,
      );
      expect(await readFile(at(name), "utf8")).toBe(text);
    }
  });

  it("does not take the place of notes below a table, of a checkpoint, of one image of many, or of a folder", async () => {
    await command.run(...compare, "--table", "notes.md");
    const notes = `${await readFile(at("notes.md"), "utf8")}My thoughts.\n`;
    await writeFile(at("notes.md"), notes);
    expect(await command.run(...compare, "--table", "notes.md")).toBe(2);
    expect(await readFile(at("notes.md"), "utf8")).toBe(notes);

    expect(await command.run("export", "run", "--out", "run/checkpoints/step-000002.safetensors")).toBe(2);
    expect(await command.run("sample", "run", "--out", "images")).toBe(2);
    const args = ["sample", "run", "--single", "--count", "3", "--out", "many"];
    for (let again = 0; again < 2; again++) expect(await command.run(...args)).toBe(0);
    await writeFile(at("many", "000001.png"), "mine");
    await rm(at("many", "000000.png"));
    expect(await command.run(...args)).toBe(2);
    expect((await readdir(at("many"))).sort()).toEqual(["000001.png", "000002.png"]);
  });

  it("comes with the removal of what killed writes of it left, and of nothing else", async () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    await mkdir(at("deep"));
    const names = [`a.png.${pid}.tmp`, `b.png.${pid}.tmp`, `a.png.${process.ppid}.tmp`, "a.png.tmp"];
    for (const name of names) await copyFile(at("images", "train-images-idx3-ubyte"), at("deep", name));
    expect(await command.run("sample", "run", "--count", "1", "--out", "deep/a.png")).toBe(0);
    expect((await readdir(at("deep"))).sort()).toEqual(["a.png", ...names.slice(1)].sort());
  });
});
