import { join } from "node:path";
import { fold, key } from "@ganymede/core";
import { drawLatents } from "@ganymede/training";
import sharp from "sharp";
import { beforeAll, expect, it } from "vitest";
import type { TestCommand } from "../fixtures/test-context.js";
import { testCommand } from "../fixtures/test-context.js";

let command: TestCommand;

beforeAll(async () => {
  command = await testCommand();
  const train = ["train", "styled-small", "--data", "images", "--steps", "1"];
  expect(await command.run(...train, "--set", "attends=true", "--out", "run")).toBe(0);
  expect(await command.run(...train, "--out", "plain")).toBe(0);
});

const attend = (...args: string[]) => command.run("attend", ...args);

it("lists the layers", async () => {
  expect(await attend("run", "--list")).toBe(0);
  expect(command.out.at(-1)).toMatch(/^1 +1 +64 +64 +map of 8 x 8 attends to map of 8 x 8$/);
  expect(await attend("run", "--list", "--json")).toBe(0);
  expect(JSON.parse(command.out.at(-1)!)).toMatchObject({ number: 1, heads: 1, kind: "map" });
});

it("lights up the pixels that the query looks at", async () => {
  expect(await attend("run", "--count", "1", "--query", "1,0", "--out", "maps.png")).toBe(0);
  const { data, info } = await sharp(join(command.cwd, "maps.png")).raw().toBuffer({ resolveWithObject: true });
  // Tiles of 128 with 4 between them: the image, then the heat; a pixel of the map is 16 wide.
  expect([info.width, info.height]).toEqual([264, 132]);
  const heats = [0, 1, 2, 3].map((column) => {
    const at = ((16 + 8) * info.width + 132 + column * 16 + 12) * info.channels;
    return data[at]! + data[at + 1]! + data[at + 2]!;
  });
  // Columns are tanh(z), and a pixel looks at those with the largest product with its own.
  const z = [...drawLatents(fold(key(0), "sample"), 0, 1, 4)].map(Math.tanh);
  const products = z.map((value) => value * z[0]!);
  const strongest = (values: readonly number[]) => values.indexOf(Math.max(...values));
  expect(strongest(heats)).toBe(strongest(products));
});

it("says what cannot be drawn, and why", async () => {
  expect(await attend("plain")).toBe(5);
  expect(command.notes.at(-1)).toMatch(/must have attention over a map, but none of its 0 attention layers/);
  expect(await attend("run", "--latents")).toBe(5);
  expect(command.notes.at(-1)).toMatch(/attention over latents/);
  expect(await attend("run", "--layer", "2")).toBe(2);
  expect(command.notes.at(-1)).toMatch(/--layer: it must be from 1 to 1/);
  expect(await attend("run", "--head", "2")).toBe(2);
  expect(await attend("run", "--query", "8,0")).toBe(2);
  expect(command.notes.at(-1)).toMatch(/inside the map of 8 x 8/);
  expect(await attend("run", "--query", "8")).toBe(2);
  expect(await attend("run", "--network", "discriminator")).toBe(5);
});
