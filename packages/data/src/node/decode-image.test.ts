import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
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

  it.each([
    [
      "float.tif",
      () => tiffOf(32, 3, new Uint8Array(new Float32Array([0, 0.25, 0.5, 1]).buffer)),
      /8 or 16 bits.*got float/,
    ],
    [
      "int.tif",
      () => tiffOf(32, 1, new Uint8Array(new Uint32Array([0, 70_000, 2 ** 31, 5]).buffer)),
      /8 or 16 bits.*got uint/,
    ],
    ["drawing.png", () => Buffer.from(drawing), /be PNG, JPEG, WebP, TIFF or GIF by.*got svg/],
    ["avif.jpg", () => sharp(pixel).avif().toBuffer(), /be PNG, JPEG, WebP, TIFF or GIF by.*got heif/],
  ])("refuses %s, which other readers would turn to black, or draw for hours", async (name, make, message) => {
    const path = join(folder, name);
    await writeFile(path, await make());
    await expect(decodeImage(path, undefined, 3)).rejects.toMatchObject({ code: "invalid-data", message });
  });
});

describe("damage inside a picture of the right length", () => {
  const side = 64;
  const values = Uint8Array.from(
    { length: side * side * 3 },
    (_, i) => 128 + 60 * Math.sin(i / 40) + ((i * 7919) % 37),
  );
  const picture = () => sharp(values, { raw: { width: side, height: side, channels: 3 } });
  const flip = (bytes: Buffer, at: number) => bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
  const fill = (value: number) => (bytes: Buffer, at: number) => bytes.fill(value, at, at + 64);
  const empty = (bytes: Buffer, at: number) => bytes.fill(0, at);

  it.each([
    ["a PNG with a flipped bit", () => picture().png(), flip],
    ["a JPEG with a run of ones", () => picture().jpeg({ quality: 90 }), fill(255)],
    ["a progressive JPEG that was not written to its end", () => picture().jpeg({ progressive: true }), empty],
    ["an LZW TIFF with a run of zeros", () => picture().tiff({ compression: "lzw" }), fill(0)],
    ["a Deflate TIFF with a run of zeros", () => picture().tiff({ compression: "deflate" }), fill(0)],
    ["a GIF that was not written to its end", () => picture().gif(), empty],
  ])("is found in %s, wherever it is", async (_, encode, damage) => {
    const whole = await encode().toBuffer();
    const path = join(folder, "damaged");
    await writeFile(path, whole);
    await decodeImage(path, undefined, 3);
    for (let part = 1; part < 8; part++) {
      const bytes = Buffer.from(whole);
      damage(bytes, Math.floor((whole.length * part) / 8));
      await writeFile(path, bytes);
      await expect(decodeImage(path, undefined, 3), `at ${part} of 8`).rejects.toMatchObject({
        code: "invalid-data",
        message: expect.stringMatching(/damaged: the image is damaged \([^\n]*\); replace or remove the file$/),
      });
    }
  });
});

const pixel = { create: { width: 2, height: 2, channels: 3, background: "red" } } as const;

const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"><rect width="2" height="2"/></svg>';

/** A grey TIFF of 2 x 2 values of `bits` bits, whole (1) or floating-point (3), without compression. */
function tiffOf(bits: number, sampleFormat: 1 | 3, values: Uint8Array): Uint8Array {
  const tags = [
    [256, 2],
    [257, 2],
    [258, bits],
    [259, 1],
    [262, 1],
    [273, 8],
    [277, 1],
    [278, 2],
    [279, values.length],
    [339, sampleFormat],
  ] as const;
  const directory = 8 + values.length;
  const file = new Uint8Array(directory + 2 + tags.length * 12 + 4);
  const view = new DataView(file.buffer);
  file.set([0x49, 0x49, 42, 0]);
  view.setUint32(4, directory, true);
  file.set(values, 8);
  view.setUint16(directory, tags.length, true);
  for (const [i, [tag, value]] of tags.entries()) {
    const at = directory + 2 + i * 12;
    view.setUint16(at, tag, true);
    // Type 4: a 32-bit number, one of them.
    view.setUint16(at + 2, 4, true);
    view.setUint32(at + 4, 1, true);
    view.setUint32(at + 8, value, true);
  }
  return file;
}
