import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import type { TestCommand } from "../fixtures/test-context.js";
import { testCommand } from "../fixtures/test-context.js";

let command: TestCommand;
const side = 8;

beforeAll(async () => {
  command = await testCommand();
  const labels = Array.from({ length: 20 }, (_, i) => i % 3);
  const header = [0, 0, 8, 1, 0, 0, 0, 20];
  await writeFile(join(command.cwd, "images", "train-labels-idx1-ubyte"), Uint8Array.from([...header, ...labels]));
  const train = ["train", "styled-small", "--data", "images", "--steps", "1"];
  expect(await command.run(...train, "--out", "run")).toBe(0);
  expect(await command.run(...train, "--set", "classes=3", "--out", "classed")).toBe(0);
});

/** The images of a sheet, each as its 64 bytes; the command shows them at twice their size. */
async function tiles(name: string): Promise<{ readonly columns: number; readonly images: readonly number[][] }> {
  const image = sharp(join(command.cwd, name), { pages: -1 }).toColourspace("b-w");
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  const [across, down] = [info.width / (2 * side), info.height / (2 * side)];
  const pixel = (x: number, y: number) => data[(2 * y * info.width + 2 * x) * info.channels] as number;
  const images = Array.from({ length: across * down }, (_, i) =>
    Array.from({ length: side * side }, (__, at) =>
      pixel((i % across) * side + (at % side), Math.floor(i / across) * side + Math.floor(at / side)),
    ),
  );
  return { columns: across, images };
}

const sample = (...args: string[]) => command.run("sample", ...args);
const upper = (image: readonly number[]) => image.slice(0, 32);
const lower = (image: readonly number[]) => image.slice(32);
/** Largest distance between two images' pixels. */
const apart = (a: readonly number[], b: readonly number[]) => Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

describe("pictures of ganymede sample", () => {
  it("goes through w in a straight line and through z in an arc, between the same ends", async () => {
    const strip = ["run", "--interpolate", "3", "--count", "1"];
    expect(await sample(...strip, "--out", "arc.png")).toBe(0);
    expect(await sample(...strip, "--space", "w", "--out", "line.png")).toBe(0);
    expect(await sample(...strip, "--path", "linear", "--out", "straight.png")).toBe(0);
    const [arc, line, straight] = [await tiles("arc.png"), await tiles("line.png"), await tiles("straight.png")];
    for (const end of [0, 2]) expect(line.images[end]).toEqual(arc.images[end]);
    expect(line.images[1]).not.toEqual(arc.images[1]);
    // w is z here, so that the straight lines are the same.
    expect(straight.images).toEqual(line.images);
  });

  it("animates a way there and back", async () => {
    const walk = ["run", "--interpolate", "4", "--count", "2", "--animate"];
    for (const name of ["walk.webp", "walk.gif"]) {
      expect(await sample(...walk, "--frame-ms", "50", "--out", name)).toBe(0);
      const { width, pageHeight, pages, delay, loop } = await sharp(join(command.cwd, name), { pages: -1 }).metadata();
      expect({ width, pageHeight, pages, delay, loop }).toEqual({
        width: 2 * 16,
        pageHeight: 16,
        pages: 6,
        delay: Array(6).fill(50),
        loop: 0,
      });
    }
    expect(await sample(...walk, "--out", "walk.png")).toBe(2);
    expect(command.notes.at(-1)).toMatch(/animation must be a .webp or .gif file/);
  });

  it("sweeps psi from the mean image to the image itself", async () => {
    expect(await sample("run", "--count", "3", "--out", "plain.png")).toBe(0);
    expect(await sample("run", "--count", "3", "--psi-sweep", "0,0.5,1", "--out", "sweep.png")).toBe(0);
    const [plain, sweep] = [await tiles("plain.png"), await tiles("sweep.png")];
    expect(sweep.columns).toBe(3);
    for (const row of [0, 1, 2]) {
      const [none, half, all] = sweep.images.slice(3 * row, 3 * row + 3) as [number[], number[], number[]];
      expect(none).toEqual(sweep.images[0]);
      expect(all).toEqual(plain.images[row]);
      expect(apart(none, half)).toBeLessThan(apart(none, all));
    }
  });

  it("draws a row per class, and one class alone", async () => {
    expect(await sample("classed", "--classes", "--count", "2", "--out", "classes.png")).toBe(0);
    const grid = await tiles("classes.png");
    expect([grid.columns, grid.images.length]).toEqual([2, 6]);
    // w grows by a half from class to class.
    for (const column of [0, 1]) {
      const rows = [0, 1, 2].map((row) => grid.images[2 * row + column]![0]!);
      expect(rows).toEqual([...rows].sort((a, b) => a - b));
      expect(rows[0]).toBeLessThan(rows[2]!);
    }
    expect(await sample("classed", "--class", "2", "--count", "2", "--out", "one.png")).toBe(0);
    expect((await tiles("one.png")).images.slice(0, 2)).toEqual(grid.images.slice(4));
    expect(await sample("classed", "--class", "3")).toBe(2);
    expect(command.notes.at(-1)).toMatch(/--class: it must be from 0 to 2, got 3/);
  });

  it("mixes styles: coarse layers of the column's image, fine ones of the row's", async () => {
    expect(await sample("run", "--mix-styles", "--count", "2", "--out", "mixed.png")).toBe(0);
    const { columns, images } = await tiles("mixed.png");
    expect([columns, images.length]).toEqual([3, 9]);
    expect(images[0]!.every((value) => value === 0)).toBe(true);
    for (const row of [1, 2]) {
      for (const column of [1, 2]) {
        const mixed = images[3 * row + column]!;
        expect(upper(mixed)).toEqual(upper(images[3 * row]!));
        expect(lower(mixed)).toEqual(lower(images[column]!));
      }
    }
    expect(await sample("run", "--mix-styles", "--mix-from", "2")).toBe(2);
    expect(command.notes.at(-1)).toMatch(/--mix-from: it must be from 1 to 1, for a model of 2 layers, got 2/);
  });

  it("exchanges one component after the other, and the rest", async () => {
    expect(await sample("run", "--mix-components", "--count", "1", "--out", "components.png")).toBe(0);
    const { columns, images } = await tiles("components.png");
    expect(columns).toBe(5);
    const [first, one, two, rest, last] = images as [number[], number[], number[], number[], number[]];
    const owners = (at: number) => [at % 4 === 0, at % 4 === 1, at % 4 > 1];
    for (const [which, image] of [one, two, rest].entries()) {
      expect(image).toEqual(first.map((value, at) => (owners(at)[which] ? last[at]! : value)));
    }
    expect(apart(first, last)).toBeGreaterThan(20);
  });

  it.each([
    [["--interpolate", "3", "--classes"], /--interpolate and --classes exclude each other/],
    [["--psi", "0.5", "--psi-sweep", "0,1"], /--psi-sweep and --psi exclude each other/],
    [["--class", "0", "--classes"], /--classes and --class exclude each other/],
    [["--space", "w"], /--space needs --interpolate/],
    [["--frame-ms", "3", "--interpolate", "3"], /--frame-ms needs --animate/],
    [["--mix-from", "1"], /--mix-from needs --mix-styles/],
    [["--psi-sweep", "0,,1"], /--psi-sweep: it must be numbers/],
  ])("refuses %j", async (args, message) => {
    expect(await sample("run", ...args)).toBe(2);
    expect(command.notes.at(-1)).toMatch(message);
  });

  it("says what a model cannot do, and what to use instead", async () => {
    await command.run("train", "toy-small", "--data", "images", "--steps", "1", "--out", "plain");
    const refused = async (...args: string[]) => {
      expect(await sample("plain", ...args)).toBe(5);
      return command.notes.at(-1);
    };
    expect(await refused("--interpolate", "3", "--space", "w")).toMatch(/use --space z/);
    expect(await refused("--psi-sweep", "0,1")).toMatch(/must have styles w.*--truncation/);
    expect(await refused("--mix-styles")).toMatch(/must have styles w.*--interpolate/);
    expect(await refused("--mix-components")).toMatch(/must have styles w.*--interpolate/);
    expect(await refused("--classes")).toMatch(/must have classes/);
    expect(await refused("--class", "0")).toMatch(/must have classes/);
  });
});
