import { createHash } from "node:crypto";
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

  // The sums are those that fixtures/pillow.py prints.
  it.each([
    ["celeba-6k", 500, 32, 3, "17b4e4f03948cb613d5ddb68af4dd78529447ead2191b545cf74d32c294baf46"],
    ["celeba-6k", 500, 32, 1, "d5afa3f173c5b78dbc4509500843ad6a9568919d5f6f1f4869849d3e628d1ca2"],
    ["celeba-6k", 500, 128, 3, "041a4651a88a4029a84bbd1be382a019bcb14d84cd06beb224f4fae3d3011739"],
    ["celeba-native-sample", 32, 32, 3, "ea768f3b421623e467f54ae29aec17542bcac42b8877e56b8432e1e1000d4661"],
    ["celeba-native-sample", 32, 64, 3, "d1a693500f080e27c024c18debfdc807c9d23034ad1453550b22af95ccacd124"],
    ["celeba-native-sample", 32, 256, 1, "5953e497eb257cbdd9ee041a4e92038c502285e4da2e6b1f5758173866191b23"],
    ["cifar-10-batches-bin", 468, 16, 3, "af55adc8f478a1a2613e934644643b59b3f68032a4e7ad794450a9f8d63fcdb4"],
    ["cifar-10-batches-bin", 468, 64, 3, "ca8e020892d26c7fd8eb1c010696bcd7a45ad295ce1230b669ff74156bbc5dde"],
    ["cifar-10-batches-bin", 468, 64, 1, "6f775b8611839e70730b18fea748fb5342dd70215ff43860eaa38f51a631d852"],
  ] as const)(
    "resizes %s, %i images to %i pixels and %i channels, as Pillow does",
    async (name, count, size, channels, sum) => {
      const dataset = await openDataset(sources, join(root, name), { size, channels, split: "test" });
      expect(
        createHash("sha256")
          .update(await dataset.read(all(count)))
          .digest("hex"),
      ).toBe(sum);
      await dataset.close?.();
    },
  );
});
