import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { readMetrics } from "@ganymede/training/node";
import { beforeAll, expect, it } from "vitest";
import type { TestCommand } from "../fixtures/test-context.js";
import { testCommand } from "../fixtures/test-context.js";

let command: TestCommand;
const variants = ["small=toy-wide", "wide=toy-wide,width=9,training.ema.rampUp=0"];
const settings = ["--data", "images", "--metric", "swd", "--metric-images", "20", "--out", "all", "--seed", "3"];
const compare = (...args: string[]) => command.run("compare", ...args);

beforeAll(async () => {
  command = await testCommand();
});

it("trains each variant under one budget and prints the table", async () => {
  expect(await compare(...variants, ...settings, "--steps", "3", "--table", "table.md")).toBe(0);
  const [head, small, wide] = command.out.slice(-3);
  expect(head).toMatch(/^variant +generator +discriminator +images\/s +swd start +swd end +steps +minutes$/);
  expect(small).toMatch(/^small +0\.001 M +0\.001 M +[\d.]+ +[\d.]+ +[\d.]+ +3 +0\.0$/);
  expect(wide).toMatch(/^wide /);
  const table = await readFile(join(command.cwd, "table.md"), "utf8");
  expect(table.split("\n")[0]).toMatch(/^\| variant \| generator \|/);
  expect(table).toMatch(/\| wide \|/);
  expect(table).toMatch(/Each variant: 3 steps, seed 3, .*swd over 20 images, smaller is better\./);
});

it("does not train a finished variant again, and gives the same numbers", async () => {
  command.out.length = 0;
  const lines = await readMetrics(join(command.cwd, "all", "wide"));
  expect(await compare(...variants, ...settings, "--steps", "3", "--json")).toBe(0);
  expect(command.notes.at(-1)).toMatch(/Variant 2 of 2: wide, already finished/);
  const [small, wide] = command.out.map((line) => JSON.parse(line));
  // Weights of 3 x 256, and of 256 x 3 and 3.
  expect(small).toMatchObject({
    variant: "small",
    steps: 3,
    images: 12,
    parameters: { generator: 768, discriminator: 771 },
  });
  expect(wide.parameters).toEqual({ generator: 9 * 256, discriminator: 256 * 9 + 9 });
  expect([wide.before, wide.after]).toEqual([lines[0]!.swd, lines.at(-1)!.swd]);
  expect(await readMetrics(join(command.cwd, "all", "wide"))).toEqual(lines);
});

it("goes on with a larger budget to where one run would have come", async () => {
  command.out.length = 0;
  expect(await compare(variants[1]!, ...settings, "--images", "20", "--json")).toBe(0);
  const [, ...fresh] = settings.slice(0, -4);
  expect(
    await compare(variants[1]!, "--data", ...fresh, "--out", "once", "--seed", "3", "--steps", "5", "--json"),
  ).toBe(0);
  const [further, once] = command.out.map((line) => JSON.parse(line));
  expect([further.steps, further.before, further.after]).toEqual([5, once.before, once.after]);
});

it("takes a run's configuration as a variant", async () => {
  command.out.length = 0;
  const base = join("all", "wide", "config.json");
  const more = ["--data", "images", "--metric", "swd", "--metric-images", "20", "--out", "copies", "--steps", "1"];
  expect(await compare(`copy=${base},width=2`, ...more, "--set", "training.batch=2", "--json")).toBe(0);
  expect(JSON.parse(command.out.at(-1)!)).toMatchObject({ images: 2, parameters: { generator: 512 } });
  expect(await compare("copy=nowhere.json", ...more)).toBe(3);
});

it("says which variant failed, and trains the others", async () => {
  const bad =
    "bad=toy-wide,training.optimizer.generator.learningRate=1e38,training.optimizer.discriminator.learningRate=1e38";
  command.out.length = 0;
  expect(await compare(bad, variants[0]!, ...settings, "--steps", "30", "--json")).toBe(0);
  const [failed, other] = command.out.map((line) => JSON.parse(line));
  expect(failed).toMatchObject({ variant: "bad", after: null, failure: expect.stringMatching(/must be finite/) });
  expect(other).toMatchObject({ variant: "small", steps: 30, failure: null });
});

it("stops after the step under way, and goes on", async () => {
  const long = ["late=toy-wide", ...settings, "--steps", "100000"];
  const running = compare(...long);
  const logged = () => readMetrics(join(command.cwd, "all", "late"));
  await expect.poll(async () => (await logged()).length, { timeout: 20_000 }).toBeGreaterThan(4);
  command.interrupt();
  expect(await running).toBe(130);
  expect(command.notes.at(-1)).toMatch(/the same command to continue./);
  const { step } = (await logged()).at(-1)!;
  command.out.length = 0;
  expect(await compare("late=toy-wide", ...settings, "--steps", String(step + 40), "--json")).toBe(0);
  expect(JSON.parse(command.out.at(-1)!).steps).toBe(step + 40);
});

it.each([
  [["toy-wide"], /needs a budget, got none/],
  [["toy-wide", "--steps", "1", "--metric", "swd,is"], /one metric/],
  [["toy-small", "toy-wide", "--steps", "1"], /images of one size, got 8 x 8 x 1 and 16 x 16 x 1/],
  [["small=toy-wide,width=4", ...settings, "--steps", "9"], /holds another run than "small"/],
  [
    ["small=toy-wide", ...settings.slice(0, -2), "--seed", "3", "--metric-images", "10", "--steps", "9"],
    /started with/,
  ],
])("refuses %j", async (args, message) => {
  expect(await compare(...args)).toBe(2);
  expect(command.notes.at(-1)).toMatch(message);
});

it("trains again where a result was thrown away", async () => {
  await rm(join(command.cwd, "all", "small"), { recursive: true });
  expect(await compare(variants[0]!, ...settings, "--steps", "2", "--json")).toBe(0);
  expect(JSON.parse(command.out.at(-1)!).steps).toBe(2);
});

it("trains a variant that failed at its first step again with other settings, and refuses to change one that trained", async () => {
  const budget = [...settings, "--steps", "2", "--json"];
  command.out.length = 0;
  expect(await compare("again=toy-unstable", ...budget)).toBe(0);
  expect(JSON.parse(command.out.at(-1)!)).toMatchObject({ steps: 1, after: null });
  expect(await compare("again=toy-wide", ...budget)).toBe(0);
  expect(JSON.parse(command.out.at(-1)!)).toMatchObject({ steps: 2, failure: null });
  const { length } = command.out;
  expect(await compare("again=toy-wide,width=4", ...budget)).toBe(2);
  expect(command.notes.at(-1)).toMatch(/holds another run than "again"/);
  expect(command.out.length).toBe(length);
});

it("counts the images of every update", async () => {
  command.out.length = 0;
  expect(await compare("parts=toy-parts", ...settings, "--images", "50", "--json")).toBe(0);
  expect(JSON.parse(command.out.at(-1)!)).toMatchObject({ steps: 3, images: 72 });
});
