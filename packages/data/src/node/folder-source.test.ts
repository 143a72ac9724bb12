import { mkdir, mkdtemp, rm, stat, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDataset } from "@ganymede/data";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytesOf, pillow } from "../fixtures/pillow.js";
import { picture, writeFolder } from "../fixtures/write-folder.js";
import { data } from "./plugin.js";

const sources = data().datasets ?? [];
let root = "";
let red: Uint8Array;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "ganymede-folder-"));
  red = await picture(8, 8, "#ff0000", "png");
});
afterAll(() => rm(root, { recursive: true, force: true }));

const folder = (name: string, files: Readonly<Record<string, Uint8Array | string>>) => writeFolder(root, name, files);
const pictures = (name: string, files: readonly string[], others: Readonly<Record<string, string>> = {}) =>
  folder(name, { ...Object.fromEntries(files.map((file) => [file, red])), ...others });
const open = async (place: string, options = {}) => {
  const { id, length, labels, classNames, notes } = await openDataset(sources, place, { size: 8, ...options });
  return { id, length, ...(labels && { labels: [...labels] }), classNames, notes };
};

describe("imageFolder", () => {
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
    await expect(dataset.read([0, 1])).rejects.toThrow(/truncated.jpg: the image is damaged .*; replace or remove/);
    await expect(dataset.read([2])).rejects.toThrow(/zz.png: the image is damaged/);
    expect((await dataset.read([0])).length).toBe(32 * 32 * 3);
  });

  it("refuses a header that claims more pixels than a picture has, before it decodes them", async () => {
    const png = await picture(12, 10, "#123456", "png");
    // The first byte of the width: 16,777,228 instead of 12.
    png[16] = 1;
    const place = await folder("wide", { "wide.png": png });
    const dataset = await openDataset(sources, place, { size: 8 });
    await expect(dataset.read([0])).rejects.toThrow(/wide.png: .*\(16777228 x 10 are more than 67108864 pixels\)/);
  });

  it("asks for a size where the images differ", async () => {
    const place = await folder("mixed", {
      "a.png": await picture(8, 8, "#123456", "png"),
      "b.png": await picture(9, 8, "#123456", "png"),
    });
    const dataset = await openDataset(sources, place);
    await expect(dataset.read([1])).rejects.toThrow(
      /b.png: without a size all images must be 8 x 8, got 8 x 9; set a size/,
    );
  });

  it("reads GIF and TIFF too, the first picture of each", async () => {
    const kinds = pillow.kinds.filter(({ name }) => /^(colour\.png|two\.gif|two\.tif)$/.test(name));
    const place = await folder("kinds", Object.fromEntries(kinds.map(({ name, file }) => [name, bytesOf(file)])));
    const dataset = await openDataset(sources, place);
    expect(dataset.length).toBe(3);
    for (const [i, { colour }] of kinds.sort((a, b) => (a.name < b.name ? -1 : 1)).entries()) {
      expect(Buffer.compare(await dataset.read([i]), bytesOf(colour))).toBe(0);
    }
  });

  it("has another fingerprint when a picture was replaced, one of the same size and time included", async () => {
    const place = await pictures("replaced", ["a.png", "b.png"]);
    const fingerprint = async () => (await openDataset(sources, place)).fingerprint?.();
    const before = await fingerprint();
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    expect(await fingerprint()).toBe(before);
    const { atime, mtime } = await stat(join(place, "b.png"));
    await writeFile(join(place, "b.png"), new Uint8Array(red.length));
    await utimes(join(place, "b.png"), atime, mtime);
    expect(await fingerprint()).not.toBe(before);
  });

  it("says what it does not read, and how much of it", async () => {
    const files = { "a.bmp": "", "b.BMP": "", "c.heic": "", "readme.txt": "" };
    const place = await pictures("mixed kinds", ["x/1.png", "y/2.png", "y/3.png"], files);
    await symlink("nowhere.png", join(place, "x", "4.png"));
    expect((await open(place)).notes).toEqual([
      `${place}: skipped 2 .bmp files (unsupported format); 1 .heic file (unsupported format); 1 link to nothing`,
    ]);
    const only = await folder("only", { "a.bmp": "" });
    await expect(open(only)).rejects.toThrow(/must contain .png.* files, got only 1 .bmp file \(unsupported format\)/);
  });
});

describe("splits of a folder", () => {
  it("trains on train, with its classes, and says what it leaves out", async () => {
    const files = ["train/a/1.png", "train/b/1.png", "train/b/2.png", "test/a/1.png", "test/c/1.png", "val/a/1.png"];
    const place = await pictures("splits", files);
    const classNames = ["a", "b", "c"];
    expect(await open(place)).toEqual({
      id: "splits-train-8-lanczos-colour",
      length: 3,
      labels: [0, 1, 1],
      classNames,
      notes: [`${place}: skipped 3 images outside train/`],
    });
    expect(await open(place, { split: "test" })).toMatchObject({ length: 2, labels: [0, 2], classNames });
    expect(await open(join(place, "test"))).toMatchObject({ id: "test-8-lanczos-colour", labels: [0, 1] });
  });

  it("knows them inside a folder that holds nothing else, and takes val where there is no test", async () => {
    const place = await pictures("wrapped", ["afhq/train/cat/1.png", "afhq/train/dog/1.png", "afhq/val/cat/1.png"]);
    expect(await open(place)).toMatchObject({ length: 2, classNames: ["cat", "dog"] });
    expect(await open(place, { split: "test" })).toMatchObject({ length: 1, id: "wrapped-test-8-lanczos-colour" });
  });

  it("takes what is there without a wish, and refuses the split that is not there", async () => {
    const place = await pictures("half", ["test/a/1.png", "test/b/1.png"]);
    expect(await open(place)).toMatchObject({ id: "half-test-8-lanczos-colour", labels: [0, 1], notes: undefined });
    await expect(open(place, { split: "train" })).rejects.toMatchObject({
      code: "missing-file",
      message: expect.stringMatching(/the train split must be in a folder of this name, got only test/),
    });
  });

  it("takes pictures beside a test folder as the train split", async () => {
    const place = await pictures("beside", ["1.png", "2.png", "test/3.png"]);
    expect(await open(place)).toMatchObject({ id: "beside-train-8-lanczos-colour", length: 2 });
    expect(await open(place, { split: "test" })).toMatchObject({ length: 1 });
  });

  it("takes a train among other vehicles as a class", async () => {
    const place = await pictures("vehicles", ["plane/1.png", "train/1.png"]);
    expect(await open(place, { split: "train" })).toMatchObject({ length: 2, classNames: ["plane", "train"] });
  });
});

describe("classes of a folder", () => {
  it("leaves stray pictures out, unless they are as many as those in folders", async () => {
    const place = await pictures("stray", ["a/1.png", "b/1.png", "stray.png"]);
    expect(await open(place)).toMatchObject({
      length: 2,
      labels: [0, 1],
      notes: [expect.stringMatching(/1 image beside the class folders$/)],
    });
    const flat = await pictures("flat", ["1.png", "2.png", "a/1.png", "b/1.png"]);
    expect(await open(flat)).toEqual({
      id: "flat-8-lanczos-colour",
      length: 4,
      classNames: undefined,
      notes: undefined,
    });
  });

  it("reads StyleGAN's dataset.json and takes no shard for a class", async () => {
    const files = ["00000/img0.png", "00000/img1.png", "00001/img2.png"];
    const labels = [
      ["00000/img0.png", 2],
      ["00000/img1.png", 0],
      ["00001/img2.png", 7],
    ];
    const json = (content: unknown) => ({ "dataset.json": JSON.stringify(content) });
    expect((await open(await pictures("listed", files, json({ labels })))).labels).toEqual([2, 0, 7]);
    expect((await open(await pictures("null", files, json({ labels: null })))).labels).toBeUndefined();
    expect((await open(await pictures("no json", files))).labels).toBeUndefined();
    const one = await pictures("one shard", files.slice(0, 2), json({ labels }));
    expect((await open(one)).labels).toEqual([2, 0]);
    const fewer = await open(await pictures("fewer", files, json({ labels: labels.slice(1) })));
    expect(fewer).toMatchObject({
      length: 3,
      notes: [expect.stringMatching(/all classes, because dataset.json lacks 1 image$/)],
    });
    expect(fewer.labels).toBeUndefined();
    const other = await pictures("other json", ["a/1.png", "b/1.png"], json({ name: "mine" }));
    expect((await open(other)).labels).toEqual([0, 1]);
  });

  it.each([
    ["text", "not json"],
    ["vectors", '{"labels": [["a/1.png", [0, 1]]]}'],
    ["a negative class", '{"labels": [["a/1.png", -1]]}'],
    ["one number", '{"labels": 3}'],
  ])("refuses a dataset.json with %s in one sentence", async (name, text) => {
    const place = await pictures(`bad json ${name}`, ["a/1.png"], { "dataset.json": text });
    await expect(open(place)).rejects.toMatchObject({
      code: "invalid-data",
      message: expect.stringMatching(/dataset\.json:? [^\n]*create it again or remove it$/),
    });
  });

  it("follows links to folders, but not in circles", async () => {
    const far = await pictures("far", ["1.png", "2.png"]);
    const place = await pictures("circle/inner", ["a/1.png"]);
    await symlink(far, join(place, "b"));
    await symlink("..", join(place, "a", "again"));
    await symlink(join(root, "circle"), join(place, "c"));
    expect(await open(place)).toMatchObject({
      length: 3,
      labels: [0, 1, 1],
      classNames: ["a", "b"],
      notes: [`${place}: skipped 2 links to a folder above`],
    });
  });

  it("counts images that dataset.json lists and that are not there", async () => {
    const list = {
      labels: [
        ["00000/1.png", 1],
        ["00000/2.png", 0],
        ["00001/3.png", 0],
      ],
    };
    const place = await pictures("in part", ["00000/1.png"], { "dataset.json": JSON.stringify(list) });
    expect(await open(place)).toMatchObject({
      length: 1,
      labels: [1],
      notes: [`${place}: skipped 2 images of dataset.json, not found`],
    });
  });

  it("enters each folder by one link, so that folders with links to one another end", async () => {
    const names = Array.from({ length: 12 }, (_, i) => `f${i}`);
    const place = await pictures("web", ["f0/1.png", "f11/1.png"]);
    for (const name of names) {
      await mkdir(join(place, name), { recursive: true });
      for (const other of names) if (other !== name) await symlink(join("..", other), join(place, name, `to-${other}`));
    }
    const { length, notes } = await open(place);
    // Both pictures in their own folders, and both once more through links.
    expect(length).toBe(4);
    expect(notes?.join()).toContain("links to a folder that another link leads to");
  });
});
