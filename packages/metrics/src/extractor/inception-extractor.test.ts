import type { Extractor } from "@ganymede/core";
import { beforeAll, describe, expect, it } from "vitest";
import { cifarImages, readShared, sharedData } from "../fixtures/shared-data.js";
import { useWasm } from "../fixtures/wasm.js";
import { inceptionScore } from "../inception-score-metric.js";
import { readDatWeights } from "./dat-weights.js";
import { inceptionExtractor } from "./inception-extractor.js";
import { featureSizes } from "./inception-table.js";

const folder = "inception-v3-2015-12-05";
const readDat = (name: string): Promise<Uint8Array> => readShared(`${folder}/batch_normalized_binaries/${name}`);

describe.skipIf(sharedData === null)("the extractor with the partial weights", () => {
  let extractor: Extractor;
  let images: Uint8Array;

  beforeAll(async () => {
    await useWasm();
    const layers = await readDatWeights(readDat, 768);
    extractor = inceptionExtractor({ id: "inception-partial", dims: [64, 192, 768], layers });
    images = cifarImages(await readShared("cifar-10-batches-bin/test_batch.bin"), 0, 4);
  });

  it.each(featureSizes.slice(0, 3))("gives the reference's features of %d values", async (dims) => {
    const reference = JSON.parse(new TextDecoder().decode(await readShared(`${folder}/reference-features.json`)));
    const expected: number[] = reference[`d${dims}`].flat();
    const features = await extractor.features(images, [4, 32, 32, 3], dims);
    expect(features).toHaveLength(expected.length);
    const largest = Math.max(...expected);
    const worst = Math.max(...expected.map((value, i) => Math.abs(value - features[i]!)));
    expect(worst / largest).toBeLessThan(1e-5);
  });

  it("does not depend on how images come in batches, and takes grey ones", async () => {
    const grey = images.filter((_, i) => i % 3 === 0);
    const colour = new Uint8Array(3 * grey.length);
    grey.forEach((value, i) => {
      colour.fill(value, 3 * i, 3 * i + 3);
    });
    const fromGrey = await extractor.features(grey, [4, 32, 32, 1], 64);
    expect(fromGrey).toEqual(await extractor.features(colour, [4, 32, 32, 3], 64));
    const second = await extractor.features(images.subarray(3072, 6144), [1, 32, 32, 3], 64);
    const all = await extractor.features(images, [4, 32, 32, 3], 64);
    second.forEach((value, i) => {
      expect(value).toBeCloseTo(all[64 + i]!, 4);
    });
  });

  it("says what is missing for more, and what images must be", async () => {
    await expect(extractor.features(images, [4, 32, 32, 3], 2048)).rejects.toThrowError(/64, 192, 768, got 2048/);
    expect(extractor.logits).toBeUndefined();
    expect(() => inceptionScore({ extractor })).toThrow(/must have a classifier, but inception-partial has none/);
    await expect(extractor.features(images, [4, 32, 32, 2], 64)).rejects.toThrowError(/\[B, H, W, 1 or 3\]/);
  });
});

describe("readDatWeights", () => {
  it("names a file of a wrong size", async () => {
    const short = async (name: string): Promise<Uint8Array> => new Uint8Array(name.startsWith("bias") ? 128 : 17);
    await expect(readDatWeights(short, 64)).rejects.toThrowError(/weights_conv\.dat must have 3456 bytes, got 17/);
  });
});
