import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ParamTree, WeightTransform } from "@ganymede/core";
import { inference, key, leaves, mapLeaves } from "@ganymede/core";
import type { NamedArray, NetworkWeights } from "@ganymede/core/weights";
import { readWeights, writeWeights } from "@ganymede/core/weights";
import type { SaganConfig } from "@ganymede/models-sagan";
import { saganFamily } from "@ganymede/models-sagan";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { startBackend } from "./backends.js";
import { outputError } from "./errors.js";
import { type GoldenFile, readGoldenFile, stored } from "./golden-file.js";
import { fromImages, toImages } from "./modules/layout.js";

const { GANYMEDE_GOLDEN: folder = resolve(import.meta.dirname, "../../../../shared/golden") } = process.env;
const [generatorFile, discriminatorFile] = ["sagan_tiny_generator", "sagan_tiny_discriminator_plain_skip"].map((name) =>
  join(folder, `${name}.safetensors`),
) as [string, string];

const family = saganFamily;

/** The networks of the files: 4 classes, widths 32 and 16. */
const config = family.configure(family.presets.find(({ id }) => id === "sagan-cifar10")!.model, {
  classes: 4,
  generator: { widths: [32, 32, 32, 32] },
  discriminator: { widths: [16, 16, 16, 16] },
});

/** Arrays of a state dict among what a file holds. */
function stateDict(file: GoldenFile, prefix: string): Map<string, NamedArray> {
  const own = [...file.tensors].filter(([name]) =>
    /(weight|bias|weight_orig|weight_u|weight_v|sigma|running_\w+)$/.test(name),
  );
  return new Map(
    own
      .filter(([name]) => name.startsWith(prefix) && !name.startsWith("grad."))
      .map(([name, { shape, data }]) => [name.slice(prefix.length), { shape, data: data as Float32Array }]),
  );
}

const shapes = (tree: ParamTree) => new Map(leaves(tree).map(({ path, value }) => [path, value.shape]));

/** The parameters of a network as the rules read them, normalised by the vectors that they read. */
function imported(
  rules: NetworkWeights,
  arrays: Map<string, NamedArray>,
  fresh: ParamTree,
  transform: WeightTransform<ParamTree>,
) {
  const begun = transform.init(fresh, key(2));
  const read = readWeights(rules, arrays, { params: shapes(fresh), vectors: shapes(begun) }, "test");
  const filled = (tree: ParamTree, from: ReadonlyMap<string, NamedArray>) =>
    mapLeaves(tree, (leaf, path) => {
      const array = from.get(path);
      return array === undefined ? leaf : tf.tensor(array.data, [...array.shape]);
    });
  const written = writeWeights(rules, read);
  for (const [name, { shape, data }] of arrays) expect(written.get(name)).toEqual({ shape, data });
  return transform.apply(filled(fresh, read.params), filled(begun, read.vectors));
}

describe.skipIf(!existsSync(generatorFile))("weights of PyTorch-StudioGAN", () => {
  beforeAll(() => startBackend("cpu"));
  const model = family.create(config as SaganConfig);

  test("make the generator's images, and come back as they were", async () => {
    const file = readGoldenFile(generatorFile);
    const rules = family.weights!.generator(config);
    const params = imported(rules, stateDict(file, "G."), model.generator.init(key(1)), model.generatorWeights!);
    const [z, label] = [stored(file, "z"), stored(file, "label")];
    const labels = tf.tensor1d(Array.from(label.data as Int32Array), "int32");
    const images = model.generator.apply(params, tf.tensor2d(z.data as Float32Array, [2, 128]), {
      ...inference,
      labels,
    });
    expect(outputError(await fromImages(images).data(), stored(file, "img").data)).toBeLessThan(file.forwardTolerance);
  });

  test("make the discriminator's logits, and come back as they were", async () => {
    const file = readGoldenFile(discriminatorFile);
    const rules = family.weights!.discriminator(config);
    const params = imported(rules, stateDict(file, ""), model.discriminator.init(key(1)), model.discriminatorWeights!);
    const [x, label] = [stored(file, "x"), stored(file, "label")];
    const labels = tf.tensor1d(Array.from(label.data as Int32Array), "int32");
    const images = toImages(tf.tensor4d(x.data as Float32Array, [2, 3, 32, 32]));
    const logits = model.discriminator.apply(params, images, { ...inference, labels });
    expect(outputError(await logits.data(), stored(file, "out").data)).toBeLessThan(file.forwardTolerance);
  });

  test("are refused for networks that the port does not have", () => {
    const plain = family.configure(config, { generator: { norm: { tables: "plain" } } });
    expect(() => family.weights!.generator(plain)).toThrow(/need generator.norm.tables spectral/);
    const other = family.configure(config, { discriminator: { attention: "sagan-plain" } });
    expect(() => family.weights!.discriminator(other)).toThrow(/need discriminator.attention sagan/);
  });
});
