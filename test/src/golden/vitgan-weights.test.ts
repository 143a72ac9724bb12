import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ParamTree } from "@ganymede/core";
import { inference, key, mapLeaves } from "@ganymede/core";
import type { NamedArray } from "@ganymede/core/weights";
import { vitganFamily } from "@ganymede/models-vitgan";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { startBackend } from "./backends.js";
import { outputError } from "./errors.js";
import { readGoldenFile, stored } from "./golden-file.js";
import { importNetwork, stateDict } from "./import-network.js";
import { fromImages, toImages } from "./modules/layout.js";

const { GANYMEDE_GOLDEN: folder = resolve(import.meta.dirname, "../../../../shared/golden") } = process.env;
const [generatorFile, discriminatorFile] = ["vitgan_tiny_generator", "stylegan2_tiny_discriminator"].map((name) =>
  join(folder, `${name}.safetensors`),
) as [string, string];

const family = vitganFamily;
const release = family.presets.find(({ id }) => id === "vitgan-cifar10-release")!.model;

/** The networks of the files. */
const config = family.configure(release, {
  imageSize: 16,
  generator: {
    ...{ latentSize: 24, width: 24, heads: 3, headWidth: 8, mlpWidth: 48, depth: 2, mappingLayers: 3, patchSize: 4 },
    output: { kind: "implicit", hidden: [20, 20, 20], mappingLayers: 2, noise: true },
  },
});
const judging = family.configure(release, {
  imageSize: 8,
  generator: { patchSize: 4 },
  discriminator: { channels: [8, 12], finalChannels: 12 },
});

/** The file keeps the names of the blocks alone; the release's own are those of a sequence and of a head beside others. */
const named = (name: string): string =>
  name
    .replace(/^frgb\./, "layers.0.")
    .replace(/^b(\d+)\./, "layers.$1.")
    .replace(/^(l[12])\./, "linear.$1.");

/** Equal but for the rounding of an added 1. */
function expectWritten(written: ReadonlyMap<string, NamedArray>, arrays: ReadonlyMap<string, NamedArray>): void {
  for (const [name, { shape, data }] of arrays) {
    if (name.endsWith("sigma_init")) continue;
    expect(written.get(name)?.shape).toEqual(shape);
    const values = Array.from(written.get(name)!.data);
    if (name.endsWith("modulation.bias")) values.forEach((value, i) => expect(value).toBeCloseTo(data[i]!, 6));
    else expect(values).toEqual(Array.from(data));
  }
}

describe.skipIf(!existsSync(generatorFile))("weights of ViTGAN's release", () => {
  beforeAll(() => startBackend("cpu"));

  test("make the generator's images, and come back as they were", async () => {
    const file = readGoldenFile(generatorFile);
    const arrays = stateDict(file);
    const { generator, generatorWeights } = family.create(config);
    const rules = family.weights!.generator(config);
    const { params, vectors, written } = importNetwork(rules, arrays, generator.init(key(1)), generatorWeights);
    expectWritten(written, arrays);
    // The release does not keep these in its files; the reference numbers were made with them.
    const begun = new Map(
      rules.rules.flatMap(({ ours, theirs: [name] }) =>
        name?.endsWith("weight_u")
          ? [[ours.replace(/u$/, "sigmaInit"), name.replace("module.weight_u", "sigma_init")]]
          : [],
      ) as [string, string][],
    );
    const exact = mapLeaves(vectors as ParamTree, (leaf, path) => {
      const name = begun.get(path);
      return name === undefined ? leaf : tf.scalar(arrays.get(name)!.data[0]!);
    });
    const z = tf.tensor2d(stored(file, "z").data as Float32Array, [2, 24]);
    const images = fromImages(generator.apply(generatorWeights!.apply(params, exact), z, inference));
    const shown = tf.add(tf.mul(images, 0.5), 0.5);
    expect(outputError(await shown.data(), stored(file, "out").data)).toBeLessThan(file.forwardTolerance);
  });

  test("make the discriminator's logits, and come back as they were", async () => {
    const file = readGoldenFile(discriminatorFile);
    const arrays = new Map([...stateDict(file)].map(([name, array]) => [named(name), array]));
    const { discriminator } = family.create(judging);
    const rules = family.weights!.discriminator(judging);
    const { params, written } = importNetwork(rules, arrays, discriminator.init(key(1)));
    expectWritten(written, arrays);
    const x = tf.tensor4d(stored(file, "x").data as Float32Array, [4, 3, 8, 8]);
    const logits = discriminator.apply(params, tf.sub(tf.mul(toImages(x), 2), 1) as tf.Tensor4D, inference);
    expect(outputError(await logits.data(), stored(file, "out").data)).toBeLessThan(file.forwardTolerance);
  });

  test("norms of the start, which the files lack, are near those of random weights", () => {
    const { rules } = family.weights!.generator(release);
    const rule = rules.find(({ ours }) => ours === "blocks.0.mlp.expand.weight.sigmaInit")!;
    expect(rule.theirs).toEqual([]);
    expect(rule.layout.read([]).data[0]).toBeCloseTo(Math.sqrt(384) + Math.sqrt(1536), 4);
  });

  test("are refused for networks that the release does not have", () => {
    const paper = family.presets.find(({ id }) => id === "vitgan-cifar10")!.model;
    expect(() => family.weights!.generator(paper)).toThrow(/need generator.form release/);
    expect(() => family.weights!.discriminator(paper)).toThrow(/need discriminator.kind residual, got transformer/);
  });
});
