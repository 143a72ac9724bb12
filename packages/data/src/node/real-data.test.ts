import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256Of } from "@ganymede/core/node";
import { openDataset } from "@ganymede/data";
import { describe, expect, it } from "vitest";
import { fashionMnistFiles } from "./fashion-mnist.js";
import { data } from "./plugin.js";

const root = process.env.GANYMEDE_DATA ?? join(dirname(fileURLToPath(import.meta.url)), "../../../../../shared/data");
const sources = data().datasets ?? [];
const missing = existsSync(root) ? "" : ` (skipped: no ${root}; set GANYMEDE_DATA)`;

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / values.length;
}

const all = (length: number) => Uint32Array.from({ length }, (_, i) => i);

describe.skipIf(missing !== "")(`real data${missing}`, () => {
  it("opens Fashion-MNIST with its published mean, 0.2860", async () => {
    const dataset = await openDataset(sources, join(root, "fashion-mnist"));
    expect([dataset.length, dataset.imageShape]).toEqual([60_000, [28, 28, 1]]);
    expect(mean(await dataset.read(all(60_000))) / 255).toBeCloseTo(0.286, 4);
    expect(dataset.classNames?.[dataset.labels![0]!]).toBe("Ankle boot");
    const colour = await openDataset(sources, join(root, "fashion-mnist"), { size: 32, channels: 3, split: "test" });
    expect([colour.length, (await colour.read([1, 2])).length]).toEqual([10_000, 2 * 32 * 32 * 3]);
  });

  it("knows the files of Fashion-MNIST by their checksums", async () => {
    for (const [name, { sha256 }] of Object.entries(fashionMnistFiles)) {
      expect(await sha256Of(join(root, "fashion-mnist", name))).toBe(sha256);
    }
  });

  it("opens the MNIST test set, which has no train set beside it", async () => {
    const dataset = await openDataset(sources, join(root, "mnist"));
    expect([dataset.id, dataset.length, dataset.labels?.[0]]).toEqual(["mnist-test-28-grey", 10_000, 7]);
  });

  it("opens CIFAR-10 with the class counts of the published file", async () => {
    const dataset = await openDataset(sources, join(root, "cifar-10-batches-bin"));
    const counts = new Array<number>(10).fill(0);
    for (const label of dataset.labels!) counts[label]!++;
    expect(counts).toEqual([1005, 974, 1032, 1016, 999, 937, 1030, 1001, 1025, 981]);
    expect(dataset.classNames?.[dataset.labels![0]!]).toBe("frog");
  });

  it("opens CelebA as a folder, STL-10 with spaces in its names, CIFAR-10 as JPEG", async () => {
    const faces = await openDataset(sources, join(root, "celeba-6k"), { size: 64 });
    expect([faces.length, (await faces.read([0, 5999])).length]).toEqual([6000, 2 * 64 * 64 * 3]);
    const things = await openDataset(sources, join(root, "stl10-sample"));
    expect([things.length, things.imageShape]).toEqual([246, [96, 96, 3]]);
    const jpeg = await openDataset(sources, join(root, "cifar-10-jpeg-sample", "test"));
    expect([jpeg.length, jpeg.classNames?.length]).toEqual([1000, 10]);
    expect(await jpeg.read([0, 999])).toHaveLength(2 * 3072);
  });
});
