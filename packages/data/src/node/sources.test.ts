import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { openDataset } from "@ganymede/data";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeFolder } from "../fixtures/write-folder.js";
import { data } from "./plugin.js";
import { readBytes } from "./read-bytes.js";

const sources = data().datasets ?? [];
let root = "";

/** An IDX file of `count` images 4 x 4, image i filled with i. */
function idxImages(count: number): Uint8Array {
  const header = [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 4, 0, 0, 0, 4];
  return Uint8Array.from([...header, ...Array.from({ length: count * 16 }, (_, i) => i >> 4)]);
}

const folder = (name: string, files: Readonly<Record<string, Uint8Array | string>>) => writeFolder(root, name, files);

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
    await expect(openDataset(sources, broken)).rejects.toThrow(
      /train-images-idx3-ubyte.gz: the .gz file is damaged or truncated/,
    );
    const short = await folder("short", { "train-images-idx3-ubyte": idxImages(9).subarray(0, 100) });
    await expect(openDataset(sources, short)).rejects.toThrow(/header promises 144 values \(9 x 4 x 4\), got 84/);
  });

  it.each([
    ["train-images.idx3-ubyte", "train-labels-idx1-ubyte"],
    ["train-images-idx3-ubyte", "train-labels.idx1-ubyte"],
    ["train-images-idx3-ubyte", "train_labels_idx1_ubyte"],
    ["t10k-images-idx3-ubyte", "test-labels-idx1-ubyte"],
  ])("finds the labels of %s in %s", async (images, labels) => {
    const bytes = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 8);
    const place = await folder(`${images} ${labels}`, { [images]: idxImages(2), [`${labels}.gz`]: gzipSync(bytes) });
    expect([...(await openDataset(sources, place)).labels!]).toEqual([7, 8]);
    expect([...(await openDataset(sources, join(place, images))).labels!]).toEqual([7, 8]);
  });

  it("passes over a folder that is named as a file", async () => {
    const place = await folder("unpacked", {
      "train-images-idx3-ubyte/train-images-idx3-ubyte": idxImages(2),
      "train-images.idx3-ubyte": idxImages(3),
      "train-labels-idx1-ubyte/train-labels-idx1-ubyte": "",
      "train-labels.idx1-ubyte": Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3),
    });
    const dataset = await openDataset(sources, place);
    expect([dataset.length, [...dataset.labels!]]).toEqual([3, [1, 2, 3]]);
  });

  it("unpacks no more than its limit", async () => {
    const place = await folder("bomb", { "a.gz": gzipSync(new Uint8Array(2 ** 22)) });
    await expect(readBytes(join(place, "a.gz"), 2 ** 20)).rejects.toMatchObject({
      code: "invalid-data",
      message: expect.stringMatching(/a\.gz: a \.gz file must decompress to at most 1048576 bytes, got more/),
    });
    expect((await readBytes(join(place, "a.gz"), 2 ** 22)).size).toBe(2 ** 22);
  });

  it.each([
    ["no images", [0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 4]],
    ["images without pixels", [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 4]],
    ["more than there is", [0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]],
    ["labels in place of images", [0, 0, 8, 1, 0, 0, 0, 1, 1]],
    ["255 axes", [0, 0, 8, 255, ...new Array<number>(1020).fill(0)]],
    ["nothing", []],
  ])("refuses a header that promises %s", async (what, bytes) => {
    const place = await folder(`header ${what}`, { "train-images-idx3-ubyte": Uint8Array.from(bytes) });
    await expect(openDataset(sources, place)).rejects.toMatchObject({
      code: "invalid-data",
      message: expect.stringMatching(/^[^\n]+train-images-idx3-ubyte: [^\n]+$/),
    });
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
      /data_batch_1.bin: .* got 5000 bytes; download the file again/,
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
