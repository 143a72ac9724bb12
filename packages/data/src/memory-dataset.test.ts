import { describe, expect, it } from "vitest";
import { memoryDataset } from "./memory-dataset.js";

describe("memoryDataset", () => {
  it.each([
    ["no image", 0, undefined],
    ["half an image", 24, undefined],
    ["fewer labels than images", 32, new Uint8Array(1)],
  ])("refuses %s", (_, values, labels) => {
    const images = { name: "mine", shape: [4, 4, 1] as const, pixels: new Uint8Array(values) };
    expect(() => memoryDataset({ ...images, ...(labels && { labels }) })).toThrow(
      expect.objectContaining({ code: "invalid-argument", message: expect.stringMatching(/^mine: [^\n]+$/) }),
    );
  });

  it("gives images as they are, and in another size and colour", async () => {
    const images = { name: "mine", shape: [2, 2, 1] as const, pixels: Uint8Array.of(1, 2, 3, 4, 9, 9, 9, 9) };
    expect(await memoryDataset(images).read([0])).toEqual(Uint8Array.of(1, 2, 3, 4));
    const large = memoryDataset(images, { size: 3, channels: 3 });
    expect([large.id, large.imageShape]).toEqual(["mine-3-colour", [3, 3, 3]]);
    expect(await large.read([1])).toEqual(new Uint8Array(27).fill(9));
  });
});
