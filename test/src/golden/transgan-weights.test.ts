import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ParamTree } from "@ganymede/core";
import { inference, key, leaves, mapLeaves } from "@ganymede/core";
import type { NamedArray, NetworkWeights } from "@ganymede/core/weights";
import { readWeights, writeWeights } from "@ganymede/core/weights";
import { transganFamily } from "@ganymede/models-transgan";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { startBackend } from "./backends.js";
import { outputError } from "./errors.js";
import { type GoldenFile, readGoldenFile, stored } from "./golden-file.js";
import { fromImages, toImages } from "./modules/layout.js";

const { GANYMEDE_GOLDEN: folder = resolve(import.meta.dirname, "../../../../shared/golden") } = process.env;
const [generatorFile, discriminatorFile] = ["transgan_tiny_generator", "transgan_tiny_discriminator"].map((name) =>
  join(folder, `${name}.safetensors`),
) as [string, string];

const family = transganFamily;

/** The networks of the files: 8x8 images, one block a stage but the first. */
const base = family.presets.find(({ id }) => id === "transgan-cifar10")!.model;
const config = family.configure(base, {
  imageSize: 8,
  generator: {
    latentSize: 10,
    bottom: 2,
    stages: base.generator.stages.map((stage, index) => ({
      ...stage,
      width: 64 / 4 ** index,
      depth: index === 0 ? 2 : 1,
    })),
  },
  discriminator: {
    scales: [24, 8].map((width, index) => {
      return { width, shrink: 1, patchSize: 2 * (index + 1), overlap: false, groups: [{ depth: 1, window: null }] };
    }),
  },
});

/** What the file holds under the names that the rules ask for. */
function stateDict({ tensors }: GoldenFile, { rules }: NetworkWeights): Map<string, NamedArray> {
  const names = new Set(rules.flatMap(({ theirs }) => theirs));
  return new Map(
    [...tensors]
      .filter(([name]) => names.has(name))
      .map(([name, { shape, data }]) => [name, { shape, data: data as Float32Array }]),
  );
}

/** The parameters of a network as the rules read them, which write them back as they were. */
function imported(rules: NetworkWeights, file: GoldenFile, fresh: ParamTree): ParamTree {
  const arrays = stateDict(file, rules);
  const shapes = new Map(leaves(fresh).map(({ path, value }) => [path, value.shape]));
  const read = readWeights(rules, arrays, { params: shapes, vectors: new Map() }, "test");
  const written = writeWeights(rules, read);
  for (const [name, { data }] of arrays) expect(written.get(name)!.data).toEqual(data);
  return mapLeaves(fresh, (leaf, path) => tf.tensor(read.params.get(path)!.data, leaf.shape));
}

describe.skipIf(!existsSync(generatorFile))("weights of TransGAN's release", () => {
  beforeAll(() => startBackend("cpu"));
  const model = family.create(config);

  test("make the generator's images, and come back as they were", async () => {
    const file = readGoldenFile(generatorFile);
    const params = imported(family.weights!.generator(config), file, model.generator.init(key(1)));
    const images = model.generator.apply(
      params,
      tf.tensor2d(stored(file, "x").data as Float32Array, [2, 10]),
      inference,
    );
    expect(outputError(await fromImages(images).data(), stored(file, "out").data)).toBeLessThan(file.forwardTolerance);
  });

  test("make the discriminator's logits, and come back as they were", async () => {
    const file = readGoldenFile(discriminatorFile);
    const params = imported(family.weights!.discriminator(config), file, model.discriminator.init(key(1)));
    const images = toImages(tf.tensor4d(stored(file, "x").data as Float32Array, [3, 3, 8, 8]));
    const logits = model.discriminator.apply(params, images, inference);
    expect(outputError(await logits.data(), stored(file, "out").data)).toBeLessThan(file.forwardTolerance);
  });
});
