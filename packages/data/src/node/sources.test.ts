import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { openDataset } from "@ganymede/data";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { data } from "./plugin.js";

const sources = data().datasets ?? [];
let root = "";

/** An IDX file of `count` images 4 x 4, image i filled with i. */
function idxImages(count: number): Uint8Array {
  const header = [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 4, 0, 0, 0, 4];
  return Uint8Array.from([...header, ...Array.from({ length: count * 16 }, (_, i) => i >> 4)]);
}

async function folder(name: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const path = join(root, name);
  for (const [file, bytes] of Object.entries(files)) {
    await mkdir(join(path, file, ".."), { recursive: true });
    await writeFile(join(path, file), bytes);
  }
  return path;
}

const picture = (width: number, height: number, colour: string, format: "png" | "jpeg" | "webp") =>
  sharp({ create: { width, height, channels: 3, background: colour } })
    .toFormat(format)
    .toBuffer();

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "ganymede-data-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe("idx", () => {
  it("opens a folder of .gz files with labels, taking the split that is there", async () => {
    const place = await folder("digits", {
      "t10k-images-idx3-ubyte.gz": gzipSync(idxImages(5)),
      "t10k-labels-idx1-ubyte.gz": gzipSync(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 5, 4, 3, 2, 1, 0)),
    });
    const dataset = await openDataset(sources, place);
    expect([dataset.id, dataset.length, dataset.imageShape]).toEqual(["digits-test-4-grey", 5, [4, 4, 1]]);
    expect([...dataset.labels!]).toEqual([4, 3, 2, 1, 0]);
    expect(await dataset.read([3])).toEqual(new Uint8Array(16).fill(3));
    await expect(openDataset(sources, place, { split: "train" })).rejects.toThrow(
      /train split must be in train-images/,
    );
  });

  it("opens one plain file", async () => {
    const place = await folder("one", { "train-images-idx3-ubyte": idxImages(2) });
    const dataset = await openDataset(sources, join(place, "train-images-idx3-ubyte"));
    expect([dataset.id, dataset.length]).toEqual(["one-train-4-grey", 2]);
  });

  it("names a truncated .gz and a truncated plain file", async () => {
    const packed = gzipSync(idxImages(9));
    const broken = await folder("broken", { "train-images-idx3-ubyte.gz": packed.subarray(0, packed.length - 9) });
    await expect(openDataset(sources, broken)).rejects.toThrow(/train-images-idx3-ubyte.gz: a .gz file must unpack/);
    const short = await folder("short", { "train-images-idx3-ubyte": idxImages(9).subarray(0, 100) });
    await expect(openDataset(sources, short)).rejects.toThrow(/header promises 144 values \(9 x 4 x 4\), got 84/);
  });

  it("refuses labels of another count", async () => {
    const place = await folder("uneven", {
      "train-images-idx3-ubyte": idxImages(3),
      "train-labels-idx1-ubyte": Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 0),
    });
    await expect(openDataset(sources, place)).rejects.toThrow(/one label per image, got 1 labels for 3 images/);
  });
});

describe("cifar", () => {
  it("joins the train batches in order and reads the class names", async () => {
    const batch = (label: number) => new Uint8Array(3073).fill(label);
    const place = await folder("cifar", {
      "data_batch_2.bin": batch(2),
      "data_batch_1.bin": batch(1),
      "test_batch.bin": batch(5),
      "batches.meta.txt": "airplane\nautomobile\n\n",
    });
    const train = await openDataset(sources, place, { channels: 1, size: 16 });
    expect([train.id, [...train.labels!]]).toEqual(["cifar-train-16-grey", [1, 2]]);
    expect(train.classNames).toEqual(["airplane", "automobile"]);
    expect((await openDataset(sources, place, { split: "test" })).labels?.[0]).toBe(5);
  });

  it("knows CIFAR-100 by its names and takes the fine class", async () => {
    const place = await folder("cifar-100", { "train.bin": Uint8Array.from([3, 77, ...new Uint8Array(3072)]) });
    expect([...(await openDataset(sources, place)).labels!]).toEqual([77]);
  });

  it("names a truncated batch", async () => {
    const place = await folder("cut", { "data_batch_1.bin": new Uint8Array(5000) });
    await expect(openDataset(sources, place)).rejects.toThrow(
      /data_batch_1.bin: .* got 5000 bytes; get the file again/,
    );
  });
});

describe("folder", () => {
  it("reads PNG, JPEG and WebP from sub-folders with spaces, in the order of the paths, classes by folder", async () => {
    const place = await folder("pictures", {
      "blue cars/b 2.webp": await picture(40, 20, "#0000ff", "webp"),
      "blue cars/a 1.png": await picture(20, 40, "#ff0000", "png"),
      "cats/x.JPG": await picture(24, 24, "#00ff00", "jpeg"),
      "notes.txt": "not a picture",
      ".hidden/y.png": "nor this",
    });
    const dataset = await openDataset(sources, place, { size: 16 });
    expect([dataset.length, dataset.imageShape, dataset.classNames]).toEqual([3, [16, 16, 3], ["blue cars", "cats"]]);
    const pixels = await dataset.read([0, 1, 2]);
    const first = (image: number) => [0, 1, 2].map((c) => Math.round(pixels[image * 768 + c]! / 255));
    expect([first(0), first(1), first(2)]).toEqual([
      [1, 0, 0],
      [0, 0, 1],
      [0, 1, 0],
    ]);
    expect(await dataset.read([1, 0])).toEqual(
      Uint8Array.from([...pixels.subarray(768, 1536), ...pixels.subarray(0, 768)]),
    );
  });

  it("takes the middle after resizing the shorter side, and flattens transparency", async () => {
    const stripes = sharp({ create: { width: 30, height: 10, channels: 3, background: "#000" } }).composite([
      { input: await picture(10, 10, "#fff", "png"), left: 10, top: 0 },
    ]);
    const clear = sharp({
      create: { width: 9, height: 9, channels: 4, background: { r: 255, g: 255, b: 255, alpha: 0 } },
    });
    const place = await folder("shapes", {
      "a.png": await stripes.png().toBuffer(),
      "b.png": await clear.png().toBuffer(),
    });
    const dataset = await openDataset(sources, place, { size: 10, channels: 1 });
    const pixels = await dataset.read([0, 1]);
    expect(pixels.subarray(0, 100).every((value) => value === 255)).toBe(true);
    expect(pixels.subarray(100).every((value) => value === 0)).toBe(true);
  });

  it("names the image that does not decode, and keeps the others", async () => {
    const noise = await sharp(Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251)), {
      raw: { width: 64, height: 64, channels: 3 },
    })
      .jpeg()
      .toBuffer();
    const place = await folder("damaged", { "good.jpg": noise, "truncated.jpg": noise, "zz.png": "text" });
    await truncate(join(place, "truncated.jpg"), Math.floor(noise.length / 2));
    const dataset = await openDataset(sources, place, { size: 32 });
    await expect(dataset.read([0, 1])).rejects.toThrow(/truncated.jpg: an image must decode, .*; replace or remove/);
    await expect(dataset.read([2])).rejects.toThrow(/zz.png: an image must decode/);
    expect((await dataset.read([0])).length).toBe(32 * 32 * 3);
  });

  it("asks for a size where the images differ", async () => {
    const place = await folder("mixed", {
      "a.png": await picture(8, 8, "#123456", "png"),
      "b.png": await picture(9, 8, "#123456", "png"),
    });
    const dataset = await openDataset(sources, place);
    await expect(dataset.read([1])).rejects.toThrow(
      /b.png: without a size all images must be 8 x 8, got 8 x 9; give a size/,
    );
  });
});

describe("openDataset", () => {
  it("lists the known kinds for an empty folder and for none", async () => {
    const empty = await folder("empty", { "readme.txt": "nothing here" });
    const known = /\(scenes, idx, cifar-10, cifar-100, folder\).*check the path/;
    await expect(openDataset(sources, empty)).rejects.toThrow(known);
    await expect(openDataset(sources, join(root, "absent"))).rejects.toThrow(known);
  });
});
