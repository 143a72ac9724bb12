import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ParamTree } from "@ganymede/core";
import { GanymedeError, inference, key, leaves } from "@ganymede/core";
import type { NamedArray } from "@ganymede/core/weights";
import type { GansformerConfig } from "@ganymede/models-gansformer";
import { gansformerFamily } from "@ganymede/models-gansformer";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { startBackend } from "./backends.js";
import { outputError } from "./errors.js";
import type { GoldenFile } from "./golden-file.js";
import { readGoldenFile, stored } from "./golden-file.js";
import { importNetwork, stateDict } from "./import-network.js";
import { configFrom } from "./modules/gansformer-config.js";
import { fromImages, toImages } from "./modules/layout.js";

const { GANYMEDE_GOLDEN: folder = resolve(import.meta.dirname, "../../../../shared/golden") } = process.env;
const fileOf = (name: string) => join(folder, `gansformer_tiny_${name}.safetensors`);
const family = gansformerFamily;
const preset = (id: string) => family.presets.find((entry) => entry.id === id)!.model;

/** The generator of a file, whose mapping network has 4 residual layers with attention between latents. */
function generatorConfig({ config }: GoldenFile): GansformerConfig {
  const own = configFrom(config as never);
  const { attention, ...generator } = own.generator;
  if (attention.kind === "none") throw new GanymedeError("invalid-data", "the file must have attention, got none");
  const { num_layers: layers, lrmul: multiplier } = config.mapping as { num_layers: number; lrmul: number };
  const mapping = { layers, residual: true, multiplier };
  return { ...own, generator: { ...generator, mapping, attention: { ...attention, betweenLatents: true } } };
}

/** The parameters with the file's noise planes, which ours has no leaves for, in place of its own draws. */
function withNoise(params: ParamTree, arrays: ReadonlyMap<string, NamedArray>): ParamTree {
  const { synthesis, ...rest } = params as { synthesis: { blocks: Record<string, { noise?: object }>[] } };
  const names = { up: "conv0", main: "conv1" } as Record<string, string>;
  const blocks = synthesis.blocks.map((block, index) =>
    Object.fromEntries(
      Object.entries(block).map(([name, layer]) => {
        const plane = arrays.get(`synthesis.b${4 * 2 ** index}.${names[name]}.noise_const`);
        if (plane === undefined || layer.noise === undefined) return [name, layer];
        const constant = tf.tensor(plane.data, [...plane.shape]);
        return [name, { ...layer, noise: { ...layer.noise, statistics: { constant } } }];
      }),
    ),
  );
  return { ...rest, synthesis: { ...synthesis, blocks } } as unknown as ParamTree;
}

function expectWritten(written: ReadonlyMap<string, NamedArray>, arrays: ReadonlyMap<string, NamedArray>): void {
  for (const [name, { shape, data }] of written) {
    expect(arrays.get(name)?.shape).toEqual(shape);
    expect(data).toEqual(arrays.get(name)?.data);
  }
}

describe.skipIf(!existsSync(fileOf("generator")))("weights of GANsformer's release", () => {
  beforeAll(() => startBackend("cpu"));

  test.each(["generator", "generator_nostyle_simplex"])(
    "make the images of the %s, and come back as they were",
    async (name) => {
      const file = readGoldenFile(fileOf(name));
      const config = generatorConfig(file);
      // The numbers were made without a running mean.
      const arrays = stateDict(file).set("mapping.w_avg", { shape: [8], data: new Float32Array(8) });
      const { generator } = family.create(config);
      const rules = family.weights!.generator(config);
      const { params, written } = importNetwork(rules, arrays, generator.init(key(1)));
      expectWritten(written, arrays);
      const rows = config.generator.style ? 4 : 3;
      const z = tf.tensor3d(stored(file, "z").data as Float32Array, [2, 4, 8]);
      const own = tf.reshape(tf.slice3d(z, [0, 0, 0], [2, rows, 8]), [2, rows * 8]) as tf.Tensor2D;
      const images = fromImages(generator.apply(withNoise(params, arrays), own, inference));
      expect(outputError(await images.data(), stored(file, "out").data)).toBeLessThan(file.forwardTolerance);
    },
  );

  test("make the discriminator's logits, and come back as they were", async () => {
    const file = readGoldenFile(fileOf("discriminator"));
    const arrays = stateDict(file);
    const config = family.configure(preset("gansformer-tiny"), {
      imageSize: 16,
      discriminator: { channelBase: 128, channelMax: 12, minibatchStdDev: { groupSize: 2 } },
    });
    const { discriminator } = family.create(config);
    const { params, written } = importNetwork(
      family.weights!.discriminator(config),
      arrays,
      discriminator.init(key(1)),
    );
    expectWritten(written, arrays);
    expect(written.size).toBe(arrays.size);
    const x = tf.tensor4d(stored(file, "x").data as Float32Array, [4, 3, 16, 16]);
    const logits = discriminator.apply(params, toImages(x), inference);
    expect(outputError(await logits.data(), stored(file, "out").data)).toBeLessThan(file.forwardTolerance);
  });

  test.each(["gansformer-tiny", "gansformer-clevr-64"])("name every leaf of %s", (id) => {
    const config = preset(id);
    const model = family.create(config);
    for (const network of ["generator", "discriminator"] as const) {
      const named = family.weights![network](config).rules.map(({ ours }) => ours);
      const paths = tf.tidy(() => leaves(model[network].init(key(1))).map(({ path }) => path));
      expect(named.sort()).toEqual(paths.sort());
    }
  });

  test("are refused for networks that the release does not have", () => {
    const classed = family.configure(preset("gansformer-tiny"), { classes: 3 });
    expect(() => family.weights!.generator(classed)).toThrow(/need classes 0, got 3/);
    const carried = family.configure(preset("gansformer-tiny"), { generator: { attention: { centroids: "carried" } } });
    expect(() => family.weights!.generator(carried)).toThrow(/centroids learned, got carried/);
  });
});
