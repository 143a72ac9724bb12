import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytesOf, pillow } from "../fixtures/pillow.js";
import { decodeImage } from "./decode-image.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganymede-decode-"));
});
afterAll(() => rm(folder, { recursive: true }));

const largestDifference = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe("decodeImage", () => {
  it.each(pillow.kinds)("gives Pillow's pixels of $name", async ({ name, file, shape, colour, grey, grey8 }) => {
    const path = join(folder, name);
    await writeFile(path, bytesOf(file));
    for (const [size, channels, expected] of [
      [undefined, 3, bytesOf(colour)],
      [undefined, 1, bytesOf(grey)],
      [8, 1, bytesOf(grey8)],
    ] as const) {
      const { pixels, height, width } = await decodeImage(path, size, channels);
      expect([height, width]).toEqual(size === undefined ? shape : [size, size]);
      expect(pixels.length).toBe(expected.length);
      expect(largestDifference(pixels, expected)).toBe(0);
    }
  });
});
