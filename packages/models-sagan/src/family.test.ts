import { residual as bottleneck, sagan } from "@ganymede/attention";
import type { Key, ParamTree } from "@ganymede/core";
import { inference, key, leaves, normal } from "@ganymede/core";
import { withTrace } from "@ganymede/core/compile";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import { attentionStep, saganFamily } from "./index.js";
import { conditionalConfig, tinyConfig } from "./tiny-config.fixture.js";

const family = saganFamily;

beforeAll(() => tf.setBackend("cpu"));

/** Shapes of a network's leaves, by path. Draws are left out, which would take seconds. */
function shapesOf(init: (from: Key) => ParamTree): [string, number][] {
  const draw = (_: unknown, shape: readonly number[]) => tf.zeros([...shape]);
  return tf.tidy(() => {
    const params = withTrace({ draw }, () => init({ ...key(1), traced: { argument: 0, folds: [] } }));
    return leaves(params).map(({ path, value }) => [path, value.size]);
  });
}

/** Learned numbers; statistics that a norm keeps are none. */
function learned(init: (from: Key) => ParamTree): number {
  return shapesOf(init)
    .filter(([path]) => !path.includes("statistics."))
    .reduce((sum, [, size]) => sum + size, 0);
}

describe("parameter counts of the specification", () => {
  test.each([
    ["sagan-cifar10", 4_386_308, 1_075_586],
    ["sagan-imagenet128", 42_078_852, 39_463_618],
  ])("%s has %i and %i", (id, generator, discriminator) => {
    const model = family.create(family.presets.find((preset) => preset.id === id)!.model);
    expect(learned(model.generator.init)).toBe(generator);
    expect(learned(model.discriminator.init)).toBe(discriminator);
  });
});

describe("a residual block in place of attention", () => {
  const residual = { generator: { attention: "residual" }, discriminator: { attention: "residual" } };

  test.each(["sagan-tiny", "sagan-cifar10", "sagan-imagenet128", "sagan-celeba64"])(
    "leaves %s its number of parameters but for one in two hundred",
    (id) => {
      const { model } = family.presets.find((preset) => preset.id === id)!;
      const [attending, other] = [family.create(model), family.create(family.configure(model, residual))];
      for (const network of ["generator", "discriminator"] as const) {
        const [before, after] = [learned(attending[network].init), learned(other[network].init)];
        expect(after).not.toBe(before);
        expect(Math.abs(after / before - 1)).toBeLessThan(1 / 200);
      }
    },
  );

  test.each([
    [256, 81_721, 81_920],
    [128, 20_880, 20_480],
  ])("of %i channels has %i numbers where the attention has %i", (channels, block, attention) => {
    const options = { channels, heads: 1, grid: [8, 8] } as const;
    expect(learned(bottleneck().create(options).init)).toBe(block);
    expect(learned(sagan().create(options).init)).toBe(attention);
  });

  test("adds what it finds in a neighbourhood of 3x3, and nothing of what is farther", () => {
    const layer = attentionStep(bottleneck(), { channels: 32, heads: 1, side: 5 });
    const closed = layer.init(key(1));
    const x = normal<tf.Rank.R4>(key(2), [1, 5, 5, 32]);
    expect(layer.apply(closed, x, inference).dataSync()).toEqual(x.dataSync());
    const params = { ...closed, gamma: tf.ones<tf.Rank.R1>([1]) };
    const spot = tf.pad(tf.ones([1, 1, 1, 32]), [
      [0, 0],
      [0, 4],
      [0, 4],
      [0, 0],
    ]) as tf.Tensor4D;
    const change = tf.sub(
      layer.apply(params, tf.add(x, spot) as tf.Tensor4D, inference),
      layer.apply(params, x, inference),
    );
    const moved = tf.max(tf.abs(change), 3).arraySync() as number[][][];
    expect(moved[0]![1]![1]).toBeGreaterThan(1e-4);
    expect(moved[0]!.flatMap((row, y) => row.filter((_, x) => x > 1 || y > 1))).toEqual(Array(21).fill(0));
  });
});

test.each(["sagan-cifar10", "sagan-celeba64"])("every leaf of %s has a name in PyTorch-StudioGAN's files", (id) => {
  const config = family.presets.find((preset) => preset.id === id)!.model;
  const model = family.create(config);
  for (const network of ["generator", "discriminator"] as const) {
    const { rules } = family.weights![network](config);
    const ruled = rules.filter(({ vectors }) => !vectors).map(({ ours }) => ours);
    expect(ruled.sort()).toEqual(
      shapesOf(model[network].init)
        .map(([path]) => path)
        .sort(),
    );
    const theirs = rules.flatMap((rule) => rule.theirs);
    expect(new Set(theirs).size).toBe(theirs.length);
  }
});

describe("every combination of options", () => {
  const labels = tf.tensor1d([0, 2, 1], "int32");

  test.each([
    ["by class", conditionalConfig, {}],
    ["with plain tables", conditionalConfig, { generator: { norm: { tables: "plain" } } }],
    ["with statistics of the batch", tinyConfig, { generator: { norm: { sampling: "batch" } } }],
    ["without attention", tinyConfig, { generator: { attentionAt: [] }, discriminator: { attentionAt: [] } }],
    ["with the port's attention", tinyConfig, { generator: { attention: "sagan-plain" } }],
    ["with a residual block", tinyConfig, { generator: { attention: "residual" } }],
    ["with attention over tokens", tinyConfig, { discriminator: { attention: "dot-product", heads: 2 } }],
    [
      "with activated skips and plain weights",
      tinyConfig,
      { discriminator: { skip: "activated", weightNorm: "none" } },
    ],
  ])("%s gives images and logits", (_, base, overrides) => {
    const model = family.create(family.configure(base, overrides));
    const context = { ...inference, labels };
    const images = model.generator.apply(model.generator.init(key(2)), normal(key(3), [3, model.latentSize]), context);
    expect(images.shape).toEqual([3, 8, 8, 3]);
    const logits = model.discriminator.apply(model.discriminator.init(key(2)), images, context);
    expect(logits.shape).toEqual([3]);
    expect([...images.dataSync(), ...logits.dataSync()].every(Number.isFinite)).toBe(true);
  });
});

test("the class changes the image and the logit, and is asked for", () => {
  const { generator, discriminator, classes, latentSize } = family.create(conditionalConfig);
  expect(classes).toBe(3);
  const z = tf.tile(normal<tf.Rank.R2>(key(3), [1, latentSize]), [2, 1]) as tf.Tensor2D;
  const labels = tf.tensor1d([0, 1], "int32");
  const params = generator.init(key(2));
  const images = generator.apply(params, z, { ...inference, labels });
  const [first, second] = tf.unstack(images);
  expect(tf.max(tf.abs(tf.sub(first!, second!))).dataSync()[0]).toBeGreaterThan(1e-3);
  const same = tf.stack([first!, first!]) as tf.Tensor4D;
  const judged = discriminator.init(key(4));
  const logits = discriminator.apply(judged, same, { ...inference, labels }).dataSync();
  expect(Math.abs(logits[0]! - logits[1]!)).toBeGreaterThan(1e-3);
  expect(() => generator.apply(params, z, inference)).toThrow(/must have labels/);
  expect(() => discriminator.apply(judged, same, inference)).toThrow(/must have labels/);
});

test("spectral normalisation covers every weight, and tables of classes only where that is asked for", () => {
  const covered = (tables: string) => {
    const { generator, generatorWeights } = family.create(
      family.configure(conditionalConfig, { generator: { norm: { tables } } }),
    );
    const state = generatorWeights!.init(generator.init(key(2)), key(3)) as Record<string, ParamTree>;
    return Object.keys(state).sort();
  };
  const plain = [
    "blocks.0.first.weight",
    "blocks.0.second.weight",
    "blocks.0.skip.weight",
    "blocks.1.attention.keys.weight",
    "blocks.1.attention.output.weight",
    "blocks.1.attention.query.weight",
    "blocks.1.attention.value.weight",
    "output.weight",
    "start.weight",
  ];
  const start = family.create(conditionalConfig).generator.init(key(2));
  expect(leaves(start).map(({ path }) => path)).toContain("blocks.0.firstNorm.scale.weight");
  expect(covered("spectral").filter((path) => !path.includes("Norm."))).toEqual(plain);
  expect(covered("spectral").filter((path) => path.includes("Norm."))).toHaveLength(4);
  expect(
    family.create(tinyConfig).generatorWeights!.init(family.create(tinyConfig).generator.init(key(2)), key(3)),
  ).toHaveProperty(["start.weight"]);
});

describe("bad configs", () => {
  test.each([
    [{ generator: { widhts: [8] } }, /no setting "generator.widhts"; did you mean "widths"/],
    [{ generator: { widths: [8, 8, 8] } }, /gives images of side 16, but imageSize is 8/],
    [{ generator: { attentionAt: [16] } }, /generator.attentionAt must name sides that its blocks give \(8\), got 16/],
    [
      { discriminator: { attention: "none" } },
      /no attention over tokens or maps called "none"; known: .*residual.*sagan-plain/,
    ],
    [{ discriminator: { halvings: 4 } }, /discriminator.halvings must be/],
    [{ discriminator: { skip: "twice" } }, /discriminator.skip must be one of plain, activated, got "twice"/],
    [{ generator: { norm: { tables: "spectral" }, weightNorm: "none" } }, /tables may be spectral only where/],
  ])("%j is refused in one sentence", (overrides, message) => {
    expect(() => family.create(family.configure(tinyConfig, overrides))).toThrow(message);
  });
});
