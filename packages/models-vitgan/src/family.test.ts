import { dotProduct } from "@ganymede/attention";
import type { ParamTree } from "@ganymede/core";
import { countParameters, inference, key, leaves, normal } from "@ganymede/core";
import { expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import type { VitganConfig } from "./index.js";
import { vitganFamily } from "./index.js";
import { tinyConfig } from "./tiny-config.fixture.js";

const family = vitganFamily;

function preset(id: string): VitganConfig {
  return family.presets.find((entry) => entry.id === id)!.model;
}

beforeAll(() => tf.setBackend("cpu"));

describe("parameter counts", () => {
  test("the release's generator has 12,987,786 parameters and its mapping network 1,182,720", () => {
    const params = family.create(preset("vitgan-cifar10-release")).generator.init(key(1)) as Record<
      "mapping" | "blocks" | "output",
      ParamTree
    >;
    expect(countParameters(params)).toBe(12_987_786);
    expect(countParameters(params.mapping)).toBe(1_182_720);
    expect(countParameters(params.blocks)).toBe(9_452_548);
    expect(countParameters(params.output)).toBe(2_055_686);
  });

  test("the paper's discriminator has 6,580,225 parameters", () => {
    expect(countParameters(family.create(preset("vitgan-cifar10")).discriminator.init(key(1)))).toBe(6_580_225);
  });

  test("the release's discriminator has 22,439,809 less the 8,520,960 of two unused heads", () => {
    const params = family.create(preset("vitgan-cifar10-release")).discriminator.init(key(1));
    expect(countParameters(params)).toBe(22_439_809 - 8_520_960);
  });
});

describe("every combination of options", () => {
  const generators = [
    { latentInput: "addition" },
    { output: { kind: "linear" } },
    { form: "release", attention: "vitgan-release-l2", weightNorm: "release-spectral" },
    { attention: "l2", weightNorm: "spectral", mappingLayers: 0, latentSize: 16 },
  ];
  test.each(generators)("generator %j gives images", (generator) => {
    const model = family.create(family.configure(tinyConfig, { generator }));
    const params = model.generator.init(key(2));
    const images = model.generator.apply(params, normal(key(3), [3, model.latentSize]), inference);
    expect(images.shape).toEqual([3, 8, 8, 3]);
    expect(images.dataSync().every(Number.isFinite)).toBe(true);
  });

  const discriminators = [
    { overlap: false },
    { attention: "dot-product", weightNorm: "none" },
    {
      kind: "residual",
      channels: [4, 6],
      finalChannels: 5,
      minibatchStdDev: { groupSize: 2, features: 1 },
      blurTaps: [1, 3, 3, 1],
    },
  ];
  test.each(discriminators)("discriminator %j gives logits", (discriminator) => {
    const model = family.create(family.configure(tinyConfig, { discriminator }));
    const logits = model.discriminator.apply(model.discriminator.init(key(2)), normal(key(3), [2, 8, 8, 3]), inference);
    expect(logits.shape).toEqual([2]);
    expect(logits.dataSync().every(Number.isFinite)).toBe(true);
  });
});

test("tokens keep distinct positions and w modulates each feature", () => {
  const model = family.create(tinyConfig);
  const params = model.generator.init(key(2));
  const images = model.generator.apply(params, normal(key(3), [2, model.latentSize]), inference).arraySync();
  const patch = (row: number, column: number) =>
    images[0]!.slice(row, row + 4).map((line) => line.slice(column, column + 4));
  expect(patch(0, 0)).not.toEqual(patch(0, 4));
  expect(images[0]).not.toEqual(images[1]);
});

test("improved spectral normalisation covers every projection of the discriminator and nothing else", () => {
  const model = family.create(tinyConfig);
  const params = model.discriminator.init(key(2));
  const state = model.discriminatorWeights!.init(params, key(3));
  const covered = new Set(leaves(state).map(({ path }) => path.replace(/\.(u|v|sigmaInit)$/, "")));
  expect([...covered].sort()).toEqual([
    "blocks.0.attention.output.weight",
    "blocks.0.attention.query.weight",
    "blocks.0.attention.value.weight",
    "blocks.0.mlp.contract.weight",
    "blocks.0.mlp.expand.weight",
    "embedding.weight",
  ]);
});

test("a config may name an attention that is given when the model is made", () => {
  const foreign = { ...dotProduct, id: "foreign" };
  const config = family.configure(tinyConfig, { discriminator: { attention: "foreign" } });
  expect(() => family.create(config)).toThrow(
    /discriminator.attention: there is no attention over tokens called "foreign"; known: .*cosine/,
  );
  const names = (variant: string) => {
    const { discriminator } = family.create(family.configure(tinyConfig, { discriminator: { attention: variant } }), {
      attentions: [foreign],
    });
    return leaves(discriminator.init(key(1))).map(({ path }) => path);
  };
  expect(names("foreign")).toEqual(names("dot-product"));
});

test("an attention takes settings below its name", () => {
  const attention = { features: 12, seed: 3 };
  const named = family.configure(tinyConfig, { generator: { attention: "performer" } });
  const config = family.configure(named, { generator: { attention } });
  expect(config.generator.attention).toEqual({ id: "performer", ...attention });
  const draw = (model: typeof config) => {
    const { generator } = family.create(model);
    return generator
      .apply(generator.init(key(1)), normal(key(2), [1, model.generator.latentSize]), inference)
      .dataSync();
  };
  expect(draw(config)).not.toEqual(draw(named));
  const wrong = family.configure(named, { generator: { attention: { featurs: 1 } } });
  expect(() => family.create(wrong)).toThrow(
    'vitgan: generator.attention: performer has no setting "featurs"; did you mean "features"?',
  );
});

test("the generator takes every mixer of a map", () => {
  const config = family.configure(tinyConfig, { generator: { attention: "convolution" } });
  const { generator, latentSize } = family.create(config);
  const images = generator.apply(generator.init(key(1)), normal(key(2), [1, latentSize]), inference);
  expect(images.shape).toEqual([1, config.imageSize, config.imageSize, config.channels]);
});

test("styles are the two halves of the generator", async () => {
  const { generator, styles } = family.create(tinyConfig);
  const params = generator.init(key(1));
  const z = normal<tf.Rank.R2>(key(2), [3, tinyConfig.generator.latentSize]);
  const w = styles!.mapping(params, z, inference);
  expect(w.shape).toEqual([3, tinyConfig.generator.width]);
  const exact = { relative: 0, absolute: 0 };
  await expectAllClose(styles!.synthesis(params, w, inference), generator.apply(params, z, inference), exact);
});

describe("bad configs", () => {
  test.each([
    [{ generator: { headz: 3 } }, /no setting "generator.headz"; did you mean "heads"/],
    [{ generator: { heads: 3 } }, /generator.heads must divide generator.width, got 3 and 16/],
    [
      { generator: { attention: "none" } },
      /generator.attention: there is no attention over tokens or maps called "none"; known: .*dot-product/,
    ],
    [{ discriminator: { kind: "tree" } }, /discriminator.kind must be one of transformer, residual, got "tree"/],
    [{ channels: "3" }, /channels must be a number, got string/],
  ])("%j is refused in one sentence", (overrides, message) => {
    expect(() => family.create(family.configure(tinyConfig, overrides))).toThrow(message);
  });
});
