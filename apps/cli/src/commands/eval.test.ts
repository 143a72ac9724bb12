import { mkdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Metric, MetricState } from "@ganymede/core";
import { definePlugin, expectPixels } from "@ganymede/core";
import { data } from "@ganymede/data/node";
import sharp from "sharp";
import { beforeEach, describe, expect, it } from "vitest";
import { cpu } from "../backends/cpu.js";
import type { TestCommand } from "../fixtures/test-context.js";
import { testCommand } from "../fixtures/test-context.js";

/** Mean pixel of the real images minus that of the generated ones; remembers the shapes that it was given. */
interface Mean extends MetricState {
  count: number;
  sum: number;
}

const shapes = new Set<string>();

const mean: Metric<Mean> = {
  id: "mean",
  source: "none",
  better: "smaller",
  start: () => ({ count: 0, sum: 0 }),
  async add(state, images, shape) {
    expectPixels(images, shape, "mean");
    shapes.add(shape.slice(1).join("x"));
    state.count += shape[0];
    state.sum += (images.reduce((total, value) => total + value, 0) / images.length) * shape[0];
  },
  finish: (real, generated) => ({
    id: "mean",
    value: real.sum / real.count - generated.sum / generated.count,
    details: { realImages: real.count, generatedImages: generated.count },
  }),
  save: (state) => new TextEncoder().encode(JSON.stringify(state)),
  load: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as Mean,
};

const meanComponent = { id: "mean", source: "none", better: "smaller", defaults: {}, create: () => mean } as const;
const plugin = definePlugin({ apiVersion: 1, name: "ganymede-plugin-mean", metrics: [meanComponent] });

let command: TestCommand;

beforeEach(async () => {
  shapes.clear();
  const backends = definePlugin({ apiVersion: 1, name: "test", backends: [cpu] });
  command = await testCommand({ builtIn: async () => [data(), plugin, backends] });
});

const paint = (path: string, width: number, height: number, level: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: level, g: level, b: 7 } } }).toFile(path);

/** A folder of eight images of one size, each of its own level. */
async function folderOf(name: string, width: number, height: number, first: number): Promise<void> {
  await mkdir(join(command.cwd, name));
  for (let i = 0; i < 8; i++) await paint(join(command.cwd, name, `${i}.png`), width, height, first + i);
}

async function evaluate(...args: string[]) {
  expect(await command.run("eval", ...args, "--metric", "mean", "--json"), command.notes.join()).toBe(0);
  return JSON.parse(command.out.at(-1) as string);
}

describe("ganymede eval of two folders", () => {
  it("leaves each side its own size, so that the order does not matter", async () => {
    await folderOf("a", 24, 24, 10);
    await folderOf("b", 32, 20, 90);
    const there = await evaluate("a", "b");
    expect([...shapes].sort()).toEqual(["20x32x3", "24x24x3"]);
    expect(there).toMatchObject({ real: [20, 32, 3], generated: [24, 24, 3] });
    expect((await evaluate("b", "a")).value).toBe(-there.value);
  });

  it("compares grey and colour in colour, whichever comes first", async () => {
    await folderOf("a", 8, 8, 10);
    const there = await evaluate("images", "a");
    expect([...shapes]).toEqual(["8x8x3"]);
    expect((await evaluate("a", "images")).value).toBe(-there.value);
    shapes.clear();
    await evaluate("images", "images", "--no-cache");
    expect([...shapes]).toEqual(["8x8x1"]);
  });

  it("prints the size that --size asked for", async () => {
    await folderOf("a", 24, 24, 10);
    await command.run("eval", "a", "a", "--metric", "mean", "--size", "16");
    expect(command.out.at(-1)).toBe("mean 0.0000  8 colour images of 16 x 16 against 8 colour images of 16 x 16");
  });

  it("measures anew when any image was replaced, and says when it did not", async () => {
    await folderOf("a", 8, 8, 10);
    await folderOf("b", 8, 8, 10);
    expect(await evaluate("a", "b")).toMatchObject({ value: 0, realStatistics: "computed" });
    expect(await evaluate("a", "b")).toMatchObject({ value: 0, realStatistics: "cached" });
    expect(await evaluate("a", "b", "--no-cache")).toMatchObject({ value: 0, realStatistics: "computed" });
    // Neither the first, the middle nor the last image, and with the time of the old one.
    await paint(join(command.cwd, "b", "2.png"), 8, 8, 252);
    await utimes(join(command.cwd, "b", "2.png"), 1e9, 1e9);
    const changed = await evaluate("a", "b");
    expect(changed.realStatistics).toBe("computed");
    expect(changed.value).toBeGreaterThan(10);
    await command.run("eval", "a", "b", "--metric", "mean");
    expect(command.out.at(-1)).toMatch(/\(real statistics from the cache\)$/);
  });
});
