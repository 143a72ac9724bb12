import type { ParamTree } from "@ganymede/core";
import { inference, key, leaves, mapLeaves, normal } from "@ganymede/core";
import { expectAllClose } from "@ganymede/core/testing";
import type { NamedArray, NetworkWeights } from "@ganymede/core/weights";
import { readWeights, writeWeights } from "@ganymede/core/weights";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import type { TransganConfig } from "./index.js";
import { transganFamily } from "./index.js";
import { shuffled } from "./presets-version-one.js";
import { tinyConfig, versionOneConfig } from "./tiny-config.fixture.js";

const family = transganFamily;

beforeAll(() => tf.setBackend("cpu"));

/** Three stages, as the authors' generator for CIFAR-10 has, for 8x8 images. */
const config: TransganConfig = family.configure(versionOneConfig, {
  generator: { mlpRatio: 4, bottom: 2, stages: shuffled(32, [2, 1, 1]) },
  discriminator: { mlpRatio: 4 },
});

type Shapes = Readonly<Record<string, readonly number[]>>;

/** A block of width `width` under a prefix, as the authors' module names it. */
const blockShapes = (at: string, width: number): Shapes => ({
  [`${at}.norm1.weight`]: [width],
  [`${at}.norm1.bias`]: [width],
  [`${at}.attn.qkv.weight`]: [3 * width, width],
  [`${at}.attn.proj.weight`]: [width, width],
  [`${at}.attn.proj.bias`]: [width],
  [`${at}.norm2.weight`]: [width],
  [`${at}.norm2.bias`]: [width],
  [`${at}.mlp.fc1.weight`]: [4 * width, width],
  [`${at}.mlp.fc1.bias`]: [4 * width],
  [`${at}.mlp.fc2.weight`]: [width, 4 * width],
  [`${at}.mlp.fc2.bias`]: [width],
});

const generatorShapes: Shapes = {
  "l1.weight": [4 * 32, 6],
  "l1.bias": [4 * 32],
  pos_embed_1: [1, 4, 32],
  pos_embed_2: [1, 16, 8],
  pos_embed_3: [1, 64, 2],
  ...blockShapes("blocks.0", 32),
  ...blockShapes("blocks.1", 32),
  ...blockShapes("upsample_blocks.0.0", 8),
  ...blockShapes("upsample_blocks.1.0", 2),
  "deconv.0.weight": [3, 2, 1, 1],
  "deconv.0.bias": [3],
};

/** A norm that the authors' generator makes and never uses. */
const unused: Shapes = { "to_rgb.0.weight": [32], "to_rgb.0.running_mean": [32], "to_rgb.0.num_batches_tracked": [] };

const discriminatorShapes: Shapes = {
  "patch_embed.weight": [8, 3, 4, 4],
  "patch_embed.bias": [8],
  cls_token: [1, 1, 8],
  pos_embed: [1, 5, 8],
  ...blockShapes("blocks.0", 8),
  ...blockShapes("blocks.1", 8),
  "norm.weight": [8],
  "norm.bias": [8],
  "head.weight": [1, 8],
  "head.bias": [1],
};

/** Arrays of these shapes, all of different numbers. */
function stateDict(shapes: Shapes): Map<string, NamedArray> {
  return new Map(
    Object.entries(shapes).map(([name, shape], index) => {
      const data = normal(key(index), [...shape], 0, 0.3).dataSync() as Float32Array;
      return [name, { shape, data }];
    }),
  );
}

function read(rules: NetworkWeights, arrays: ReadonlyMap<string, NamedArray>, fresh: ParamTree) {
  const shapes = new Map(leaves(fresh).map(({ path, value }) => [path, value.shape]));
  return readWeights(rules, arrays, { params: shapes, vectors: new Map() }, "test");
}

const withRead = (fresh: ParamTree, { params }: ReturnType<typeof read>): ParamTree =>
  mapLeaves(fresh, (leaf, path) => {
    const array = params.get(path);
    return array === undefined ? leaf : tf.tensor(array.data, leaf.shape);
  });

describe("weights of version 1", () => {
  const model = family.create(config);

  test.each([
    ["generator", { ...generatorShapes, ...unused }, generatorShapes],
    ["discriminator", discriminatorShapes, discriminatorShapes],
  ] as const)("of the %s are all read, and written back as they were", (network, shapes, kept) => {
    const rules = family.weights![network](config);
    const arrays = stateDict(shapes);
    const found = read(rules, arrays, model[network].init(key(1)));
    const written = writeWeights(rules, found);
    expect([...written.keys()].sort()).toEqual(Object.keys(kept).sort());
    for (const [name, array] of written) expect(array, name).toEqual(arrays.get(name));
  });

  test("draw what version 2 draws from the same numbers under its names", async () => {
    const later = family.configure(
      { ...tinyConfig, generator: { ...config.generator, locality: null, coTraining: false } },
      {},
    );
    const arrays = stateDict(generatorShapes);
    const renamed = new Map(
      [...arrays].map(([name, array]) => [
        name
          .replace(/^blocks\./, "blocks.block.")
          .replace(/^(upsample_blocks\.\d+)\./, "$1.block.")
          .replace(/(norm[12])\./, "$1.norm."),
        array,
      ]),
    );
    const z = normal<tf.Rank.R2>(key(50), [2, 6]);
    const images = [
      [config, arrays],
      [later, renamed],
    ].map(([of, from]) => {
      const { generator } = family.create(of as TransganConfig);
      const rules = family.weights!.generator(of as TransganConfig);
      const fresh = generator.init(key(1));
      return generator.apply(
        withRead(fresh, read(rules, from as ReadonlyMap<string, NamedArray>, fresh)),
        z,
        inference,
      );
    }) as [tf.Tensor, tf.Tensor];
    await expectAllClose(images[0], images[1], { absolute: 1e-6 });
    expect(tf.moments(images[0]).variance.dataSync()[0]).toBeGreaterThan(1e-3);
  });

  test("make patches as the convolution that they are, behind the class token", async () => {
    const arrays = stateDict(discriminatorShapes);
    const fresh = model.discriminator.init(key(1));
    const params = withRead(fresh, read(family.weights!.discriminator(config), arrays, fresh)) as {
      embedding: { weight: tf.Tensor2D };
      position: tf.Tensor2D;
      token: tf.Tensor1D;
    };
    const tensor = (name: string) => tf.tensor(arrays.get(name)!.data, [...arrays.get(name)!.shape]);
    const images = normal<tf.Rank.R4>(key(2), [1, 8, 8, 3]);
    const filters = tf.transpose(tensor("patch_embed.weight"), [2, 3, 1, 0]) as tf.Tensor4D;
    const expected = tf.reshape(tf.conv2d(images, filters, 4, "valid"), [4, 8]);
    const patches = tf.reshape(tf.transpose(tf.reshape(images, [2, 4, 2, 4, 3]), [0, 2, 1, 3, 4]), [4, 48]);
    await expectAllClose(tf.matMul(patches, params.embedding.weight), expected, { absolute: 1e-5 });
    await expectAllClose(params.position, tf.reshape(tensor("pos_embed"), [5, 8]));
    await expectAllClose(params.token, tf.reshape(tensor("cls_token"), [8]));
  });

  test.each(["s", "m", "l", "xl", "stl10", "celeba64"])("have a rule for every leaf of transgan-v1-%s", (id) => {
    const { model: given } = family.presets.find((preset) => preset.id === `transgan-v1-${id}`)!;
    const thin = {
      stages: shuffled(
        64,
        given.generator.stages.map(({ depth }) => depth),
      ),
      latentSize: 2,
      heads: 1,
    };
    const small = family.configure(given, { generator: thin, discriminator: { width: 8 } });
    const networks = family.create(small);
    for (const network of ["generator", "discriminator"] as const) {
      const { rules, absent = [] } = family.weights![network](small);
      const paths = leaves(networks[network].init(key(1))).map(({ path }) => path);
      const held = paths.filter((path) => !absent.some((pattern) => pattern.test(path)));
      expect(rules.map(({ ours }) => ours).sort()).toEqual(held.sort());
      expect(paths.length - held.length).toBe(network === "generator" ? 2 : 0);
    }
  });

  test.each([
    ["generator", { generator: { norm: "pixel" } }, /generator.norm layer without noise in version 1, got pixel/],
    ["generator", { classes: 3 }, /without classes and crossAttention in version 1/],
    ["discriminator", { classes: 3 }, /without classes in version 1/],
    ["discriminator", { discriminator: { noise: true } }, /discriminator.norm layer without noise in version 1/],
  ] as const)("of the %s are refused with %j", (network, overrides, message) => {
    expect(() => family.weights![network](family.configure(config, overrides))).toThrow(message);
  });
});
