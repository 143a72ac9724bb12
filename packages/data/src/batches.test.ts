import { key } from "@ganymede/core";
import { describe, expect, it } from "vitest";
import { batches } from "./batches.js";
import { memoryDataset } from "./memory-dataset.js";
import { toBytes } from "./signed-unit.js";

const shape = [4, 4, 1] as const;
const pixels = Uint8Array.from({ length: 16 * 10 }, (_, i) => i % 256);
const dataset = memoryDataset({ name: "ramp", shape, pixels });

describe("batches", () => {
  it("gives the same step the same images, straight or resumed", async () => {
    const options = { key: key(4), batch: 4, mirror: true };
    const straight = batches(dataset, options);
    for (let step = 0; step < 5; step++) await straight(step);
    expect(await straight(5)).toEqual(await batches(dataset, options)(5));
  });

  it("shows the images of its indices", async () => {
    const batch = await batches(dataset, { key: key(4), batch: 3, mirror: false })(2);
    expect(batch.shape).toEqual([3, 4, 4, 1]);
    expect(toBytes(batch.images)).toEqual(await dataset.read(batch.indices));
  });

  it("mirrors some images and leaves others", async () => {
    const options = { key: key(4), batch: 10, mirror: true };
    const batch = await batches(dataset, options)(0);
    const plain = await batches(dataset, { ...options, mirror: false })(0);
    const same = Array.from({ length: 10 }, (_, b) => batch.images[16 * b] === plain.images[16 * b]);
    expect(new Set(same)).toEqual(new Set([true, false]));
  });
});

describe("memoryDataset", () => {
  it("resizes and colours on the way out, and says so in its id", async () => {
    const other = memoryDataset({ name: "ramp", shape, pixels }, { size: 8, channels: 3 });
    expect([other.id, other.length, other.imageShape]).toEqual(["ramp-8-colour", 10, [8, 8, 3]]);
    const image = await other.read([9]);
    expect(image.length).toBe(192);
    expect([image[0], image[1]]).toEqual([image[2], image[2]]);
  });

  it("refuses an index outside", async () => {
    await expect(dataset.read([10])).rejects.toThrow("ramp: an index must be from 0 to 9, got 10");
  });

  it("refuses a size of nothing", () => {
    expect(() => memoryDataset({ name: "ramp", shape, pixels }, { size: 0 })).toThrow(/size must be/);
  });
});
