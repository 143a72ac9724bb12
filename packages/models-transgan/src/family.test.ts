import type { Key, ParamTree } from "@ganymede/core";
import { inference, key, leaves, normal, training } from "@ganymede/core";
import { withTrace } from "@ganymede/core/compile";
import { patchEmbedding } from "@ganymede/core/nn";
import { expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import { enlarge, transganFamily } from "./index.js";
import { tinyConfig, versionOneConfig } from "./tiny-config.fixture.js";

const family = transganFamily;

beforeAll(() => tf.setBackend("cpu"));

/** Sizes of a network's leaves, by path. Draws are left out, which would take seconds. */
function sizesOf(init: (from: Key) => ParamTree): [path: string, size: number][] {
  const draw = (_: unknown, shape: readonly number[]) => tf.zeros([...shape]);
  return tf.tidy(() => {
    const params = withTrace({ draw }, () => init({ ...key(1), traced: { argument: 0, folds: [] } }));
    return leaves(params).map(({ path, value }) => [path, value.size]);
  });
}

/** Numbers of a network without the entry of small images, which no release has. */
function count(init: (from: Key) => ParamTree): number {
  return sizesOf(init).reduce((sum, [path, size]) => sum + (path.startsWith("pixels.") ? 0 : size), 0);
}

describe("parameter counts of the specification", () => {
  test.each([
    ["transgan-cifar10", 83_312_495, 10_210_400],
    ["transgan-stl10", 168_466_623, 10_341_536],
    // The release has a strength of noise in each of its 20 cross-attentions that nothing reads.
    ["transgan-celebahq256", 212_903_275 - 20, 13_334_593],
    ["transgan-church256", 205_291_952, 17_754_569],
    ["transgan-v1-s", 34_368_171, 12_458_497],
    ["transgan-v1-m", 49_860_835, 12_458_497],
    ["transgan-v1-l", 86_901_075, 12_458_497],
    ["transgan-v1-xl", 133_592_515, 12_458_497],
    // The release keeps two numbers for each channel of an unused norm.
    ["transgan-v1-stl10", 150_062_931 - 2 * 768, 12_489_217],
    ["transgan-v1-celeba64", 132_927_219 - 2 * 1024, 12_532_225],
  ])("%s has %i and %i", (id, generator, discriminator) => {
    const model = family.create(family.presets.find((preset) => preset.id === id)!.model);
    expect(count(model.generator.init)).toBe(generator);
    expect(count(model.discriminator.init)).toBe(discriminator);
  });
});

test.each([
  ["transgan-cifar10", family.presets.find(({ id }) => id === "transgan-cifar10")!.model],
  ["a network with all parts", tinyConfig],
])("every leaf of %s has a name in the release's files", (_, config) => {
  const model = family.create(config);
  for (const network of ["generator", "discriminator"] as const) {
    const { rules } = family.weights![network](config);
    const paths = sizesOf(model[network].init).map(([path]) => path);
    expect(rules.map(({ ours }) => ours).sort()).toEqual(paths.sort());
  }
});

test("overlapping patches read the release's filters as the convolution that they are", async () => {
  const config = family.configure(tinyConfig, { discriminator: { noise: false } });
  const { rules } = family.weights!.discriminator(config);
  const { layout } = rules.find(({ ours }) => ours === "scales.0.embedding.weight")!;
  const filters = normal<tf.Rank.R4>(key(1), [6, 3, 4, 4]); // [out, in, h, w]
  const { data, shape } = layout.read([{ shape: filters.shape, data: filters.dataSync() as Float32Array }]);
  const images = normal<tf.Rank.R4>(key(2), [2, 8, 8, 3]);
  const embedding = patchEmbedding({ patchSize: 2, channels: 3, width: 6, overlap: true });
  const tokens = embedding.apply({ weight: tf.tensor2d(data, shape as [number, number]) }, images, inference);
  const padded = tf.pad4d(images, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]);
  const expected = tf.conv2d(padded, tf.transpose(filters, [2, 3, 1, 0]) as tf.Tensor4D, 2, "valid");
  await expectAllClose(tokens, expected, { absolute: 1e-4 });
});

test("weights of version 2 are refused for what it has none of", () => {
  const [classed, local] = [{ classes: 3 }, { generator: versionOneConfig.generator }];
  expect(() => family.weights!.generator({ ...tinyConfig, ...classed })).toThrow(/need version 2 without classes/);
  expect(() => family.weights!.generator({ ...tinyConfig, ...local })).toThrow(/need version 2 without classes/);
  expect(() => family.weights!.discriminator({ ...tinyConfig, ...classed })).toThrow(/need version 2 without classes/);
});

describe("every combination of options", () => {
  const scales = [1, 2, 4].map((shrink) => {
    return { width: 4, shrink, patchSize: 2, overlap: false, groups: [{ depth: 1, window: null }] };
  });

  test.each([
    ["token pixel-norm", tinyConfig, { generator: { norm: "pixel" }, discriminator: { norm: "pixel" } }],
    ["instance norm", tinyConfig, { generator: { norm: "instance" }, discriminator: { norm: "instance" } }],
    ["leaky ReLU", tinyConfig, { generator: { activation: "leaky-relu" } }],
    ["an attention of one's own", tinyConfig, { generator: { attention: "cosine" } }],
    ["scales of smaller images, halved by 3x3", tinyConfig, { discriminator: { scales, halving: "3x3" } }],
    ["no start among neighbours", versionOneConfig, { generator: { locality: null, coTraining: false } }],
    ["version 1's generator, version 2's discriminator", versionOneConfig, { discriminator: tinyConfig.discriminator }],
  ])("%s gives images and logits", (_, base, overrides) => {
    const model = family.create(family.configure(base, overrides));
    const images = model.generator.apply(
      model.generator.init(key(2)),
      normal(key(3), [3, model.latentSize]),
      inference,
    );
    expect(images.shape).toEqual([3, 8, 8, 3]);
    const logits = model.discriminator.apply(model.discriminator.init(key(2)), images, inference);
    expect(logits.shape).toEqual([3]);
    expect([...images.dataSync(), ...logits.dataSync()].every(Number.isFinite)).toBe(true);
  });
});

test("small images enter in place of z, and share everything after", async () => {
  const { generator, superResolution, latentSize } = family.create(versionOneConfig);
  expect(superResolution!.size).toBe(4);
  const params = generator.init(key(1)) as Record<string, ParamTree>;
  const small = normal<tf.Rank.R4>(key(2), [2, 4, 4, 3]);
  const images = superResolution!.apply(params, small, inference);
  expect(images.shape).toEqual([2, 8, 8, 3]);
  // Tokens that z makes are the same as those of an image whose map they are.
  const { weight, bias } = params.start as { weight: tf.Tensor2D; bias: tf.Tensor1D };
  const zeros = { ...params, start: { weight: tf.zerosLike(weight), bias: tf.zerosLike(bias) } };
  const blank = superResolution!.apply(params, tf.zeros([2, 4, 4, 3]), inference);
  await expectAllClose(blank, generator.apply(zeros, normal(key(3), [2, latentSize]), inference));
  expect(family.create(tinyConfig).superResolution).toBeUndefined();
});

test.each([
  ["version 1", versionOneConfig],
  ["version 2", tinyConfig],
])("the class changes what %s draws and how it judges, and is asked for", (_, base) => {
  const { generator, discriminator, classes, latentSize } = family.create({ ...base, classes: 3 });
  expect(classes).toBe(3);
  const context = { ...inference, labels: tf.tensor1d([0, 2], "int32") };
  const z = tf.tile(normal<tf.Rank.R2>(key(3), [1, latentSize]), [2, 1]) as tf.Tensor2D;
  const params = generator.init(key(2));
  const [first, second] = tf.unstack(generator.apply(params, z, context)) as [tf.Tensor, tf.Tensor];
  expect(tf.max(tf.abs(tf.sub(first, second))).dataSync()[0]).toBeGreaterThan(1e-3);
  const judged = discriminator.init(key(4));
  const logits = discriminator.apply(judged, tf.stack([first, first]) as tf.Tensor4D, context).dataSync();
  expect(Math.abs(logits[0]! - logits[1]!)).toBeGreaterThan(1e-4);
  expect(() => generator.apply(params, z, inference)).toThrow(/must have labels/);
});

test("the last block sees its neighbours first, and everything once training has gone on", async () => {
  const { generator } = family.create(versionOneConfig);
  const params = generator.init(key(1));
  const z = normal<tf.Rank.R2>(key(2), [1, 6]);
  const at = (step: number) => generator.apply(params, z, { ...inference, step: tf.scalar(step) });
  const open = generator.apply(params, z, inference);
  await expectAllClose(at(2), open);
  await expect(expectAllClose(at(1), open)).rejects.toThrow();
});

test("noise reaches tokens in training alone, once its strength is not zero", async () => {
  const { discriminator } = family.create(tinyConfig);
  const images = normal<tf.Rank.R4>(key(2), [2, 8, 8, 3]);
  const loud = tf.tidy(() => {
    const params = discriminator.init(key(1)) as { block: { attention: { strength: tf.Tensor } } };
    const attention = { ...params.block.attention, strength: tf.ones([1]) };
    return { ...params, block: { ...params.block, attention } };
  }) as unknown as ParamTree;
  const judge = (seed: number) => discriminator.apply(loud, images, training(key(seed)));
  const quiet = discriminator.apply(loud, images, inference);
  await expect(expectAllClose(judge(1), quiet)).rejects.toThrow();
  await expect(expectAllClose(judge(1), judge(2))).rejects.toThrow();
});

test("enlarging keeps a constant map constant, and smoothing lowers what alternates", async () => {
  const flat = tf.fill<tf.Rank.R3>([1, 16, 8], 0.5);
  for (const way of ["bicubic", "smooth", "smooth-pixel-shuffle"] as const) {
    const wide = enlarge(flat, [4, 4], way);
    await expectAllClose(wide, tf.fill(wide.shape, 0.5), { absolute: 1e-6 });
  }
  const stripes = tf.tensor3d([1, -1, 1, -1, 1, -1, 1, -1], [1, 8, 1]);
  expect(tf.max(enlarge(stripes, [1, 8], "smooth")).dataSync()[0]).toBeLessThan(0.9);
});

describe("bad configs", () => {
  test.each([
    [{ generator: { stagse: [] } }, tinyConfig, /no setting "generator.stagse"; did you mean "stages"/],
    [{ imageSize: 16 }, tinyConfig, /gives images of side 8, but imageSize is 16/],
    [{ generator: { heads: 3 } }, tinyConfig, /generator.heads must divide every width, got 3 and 16/],
    [
      { generator: { attention: "none" } },
      tinyConfig,
      /no attention over tokens or maps called "none"; known: .*relative/,
    ],
    [{ generator: { attention: "relative" } }, versionOneConfig, /locality needs the attention dot-product/],
    [{ generator: { coTraining: true } }, tinyConfig, /coTraining has no z for crossAttention/],
    [
      { discriminator: { kind: "tree" } },
      tinyConfig,
      /discriminator.kind must be one of multi-scale, single-scale, got "tree"/,
    ],
    [
      { discriminator: { patchSize: 3 } },
      versionOneConfig,
      /discriminator.patchSize must divide imageSize, got 3 and 8/,
    ],
  ])("%j is refused in one sentence", (overrides, base, message) => {
    expect(() => family.create(family.configure(base, overrides))).toThrow(message);
  });
});
