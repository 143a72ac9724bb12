import { cross } from "@ganymede/attention";
import type { Context } from "@ganymede/core";
import {
  countParameters,
  defineCrossAttention,
  fold,
  inference,
  key,
  normal,
  training as trainingContext,
} from "@ganymede/core";
import { expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import { createGenerator, gansformerFamily, mappingNetwork } from "./index.js";
import { tinyConfig } from "./tiny-config.fixture.js";

const family = gansformerFamily;
const preset = (id: string) => family.presets.find((entry) => entry.id === id)!.model;

beforeAll(() => tf.setBackend("cpu"));

/** Channels of the maps of side 4 to 128 that attend, two layers each but for the first. */
const attending = (imageSize: number) => (imageSize === 64 ? 9 * 512 : 9 * 512 + 2 * 256);

/** What the source counts besides: keys of latents and of their positions, which duplex attention computes and never uses. */
const unusedKeys = (imageSize: number, d: number) => 2 * (d + 1) * attending(imageSize);

describe("parameter counts", () => {
  test.each([
    ["ffhq", 256, 30_903_632],
    ["ffhq", 64, 30_379_340],
  ])("%s at %i pixels has the generator of the source, %i, less unused keys", (name, imageSize, total) => {
    const params = family.create(preset(`gansformer-${name}-${imageSize}`)).generator.init(key(1)) as {
      readonly mapping: { readonly statistics: { readonly average: tf.Tensor } };
    };
    const { statistics } = params.mapping;
    expect(countParameters(params) - countParameters(statistics)).toBe(total - unusedKeys(imageSize, 32));
    expect(countParameters(params.mapping) - countParameters(statistics)).toBe(44_352);
    tf.dispose(params as never);
  });

  test("clevr's has the source's 30,357,936 less all that reaches no image", () => {
    const params = family.create(preset("gansformer-clevr-256")).generator.init(key(1)) as {
      readonly mapping: { readonly statistics: tf.Tensor };
    };
    const global = 4_896 / 2;
    const positions = 8 * 16;
    // Styles of convolutions that nothing modulates: 17 numbers for each channel that goes in.
    const styles = 17 * (10 * 512 + 2 * 256 + 3 * 128);
    const counted = countParameters(params) - countParameters(params.mapping.statistics);
    expect(counted).toBe(30_357_936 - global - positions - styles - unusedKeys(256, 16));
  });

  test("the discriminator at 256 pixels has 28,864,129", () => {
    expect(countParameters(family.create(preset("gansformer-ffhq-256")).discriminator.init(key(1)))).toBe(28_864_129);
  });
});

describe("a generator", () => {
  const create = (generator: object) => createGenerator(family.configure(tinyConfig, { generator }), [cross]);
  const training = (seed: number): Context => trainingContext(key(seed));

  test("says where components stand in w", () => {
    const { components } = create({}).styles;
    const { latentWidth, attention } = family.configure(tinyConfig, {}).generator;
    const count = attention.kind === "none" ? 0 : attention.components;
    expect(components).toEqual({ count, width: latentWidth });
    expect(create({}).latentSize).toBe((count + 1) * latentWidth);
    expect(create({ attention: { kind: "none" } }).styles.components).toBeUndefined();
  });

  test("draws from styles what it draws from latents, layer by layer too", async () => {
    const model = create({});
    const params = model.init(key(1));
    const z = normal<tf.Rank.R2>(key(2), [2, model.latentSize]);
    const images = model.apply(params, z, inference);
    expect(model.latentSize).toBe(4 * 8);
    await expectAllClose(model.styles.synthesis(params, model.styles.mapping(params, z, inference), inference), images);
    const layers = model.styles.layers.mapping(params, z, inference);
    expect(layers.shape).toEqual([2, 5, 32]);
    await expectAllClose(model.styles.layers.synthesis(params, layers, inference), images, { absolute: 1e-6 });
  });

  test("takes any cross-attention from outside, and refuses an unknown one by name", () => {
    const model = create({ attention: { variant: "cross" } });
    expect(model.apply(model.init(key(1)), normal(key(2), [1, model.latentSize]), inference).shape).toEqual([
      1, 8, 8, 3,
    ]);
    expect(() => create({ attention: { variant: "nothing" } })).toThrow(
      /no attention over tokens and a memory called "nothing"; known: cross, duplex, simplex/,
    );
  });

  test("hands its settings to every variant that has some of the same names, unless the reference sets them", () => {
    const settings: object[] = [];
    const probe = defineCrossAttention({
      id: "probe",
      source: "none",
      defaults: { rounds: 1, norm: "layer", own: 3, centroids: "latents" },
      create: (given, options) => {
        settings.push(given);
        return cross().create(options);
      },
    });
    const attention = { variant: { id: "probe", norm: "instance" }, rounds: 2, centroids: "carried" };
    const config = family.configure(tinyConfig, { generator: { attention } });
    expect(createGenerator(config, [probe]).latentSize).toBe(32);
    const carried = { rounds: 2, norm: "instance", own: 3, centroids: "carried" };
    expect(settings).toEqual([{ ...carried, centroids: "latents" }, carried, carried]);
  });

  test("mixes styles from a layer on, and components from one on, in training", async () => {
    const model = create({ styleMixing: 0.99, attention: { componentMixing: 0 } });
    const params = model.init(key(1));
    const z = normal<tf.Rank.R2>(key(2), [8, model.latentSize]);
    const mixed = await model.styles.layers.mapping(params, z, training(3)).array();
    for (const layers of mixed) {
      const first = layers.map((w) => String(w) === String(layers[0]));
      const cut = first.indexOf(false);
      expect(cut).toBeGreaterThan(0);
      expect(new Set(layers.slice(cut).map(String)).size).toBe(1);
    }

    const components = create({ styleMixing: 0, attention: { componentMixing: 0.99, betweenLatents: false } });
    const own = components.init(key(1));
    const rows = (w: tf.Tensor3D) => tf.slice(tf.reshape(w, [8, 5, 4, 8]), [0, 0, 0, 0], [8, 1, 4, 8]);
    const before = await tf.squeeze(rows(components.styles.layers.mapping(own, z, inference))).array();
    const after = await tf.squeeze(rows(components.styles.layers.mapping(own, z, training(3)))).array();
    for (const [b, sample] of (after as number[][][]).entries()) {
      const kept = sample.map((row, r) => String(row) === String((before as number[][][])[b]![r]));
      expect(kept).toEqual([...kept].sort((x, y) => Number(y) - Number(x))); // first kept ones, then others
      expect(kept[0]).toBe(true);
      expect(kept.at(-1)).toBe(false);
    }
  });

  test("a component that is left out changes no pixel", async () => {
    const model = create({
      noise: false,
      styleMixing: 0,
      attention: { dropout: 0, componentDropout: 0.5, betweenLatents: false },
    });
    const params = model.init(key(1));
    const w = model.styles.mapping(params, normal(key(2), [4, model.latentSize]), inference);
    const images = model.styles.synthesis(params, w, training(5));
    // Each component in turn is replaced; an image that does not change is one that left it out.
    const changed = [0, 1, 2].map((component) => {
      const mask = tf.tensor2d([[0, 1, 2, 3].flatMap((row) => Array<number>(8).fill(row === component ? 1 : 0))]);
      const other = tf.add(tf.mul(w, tf.sub(1, mask)), tf.mul(mask, 3)) as tf.Tensor2D;
      const difference = tf.sub(model.styles.synthesis(params, other, training(5)), images);
      return Array.from(tf.max(tf.abs(difference), [1, 2, 3]).dataSync(), (value) => value > 1e-6);
    });
    expect(new Set(changed.flat()).size).toBe(2);
  });

  test("shows what each pixel reads, summing to 1 over the components", async () => {
    const model = create({ attention: { heads: 2 } });
    const params = model.init(key(1));
    const maps = model.attend(params, model.styles.mapping(params, normal(key(2), [2, model.latentSize]), inference));
    expect(maps.shape).toEqual([2, 3, 3, 2, 8, 8]);
    await expectAllClose(tf.sum(maps, 1), tf.ones([2, 3, 2, 8, 8]), { relative: 1e-5 });
  });
});

test("the mapping network keeps a running mean of w, but not for styles that are mixed in", async () => {
  const layer = mappingNetwork({
    components: 2,
    global: true,
    inputs: 4,
    width: 4,
    layers: 2,
    residual: true,
    multiplier: 1,
  });
  const params = layer.init(key(1));
  const latents = normal<tf.Rank.R3>(key(2), [3, 3, 4]);
  const handed: tf.Tensor[] = [];
  const w = layer.apply(params, { latents }, { ...trainingContext(key(3)), update: (_, next) => handed.push(next) });
  await expectAllClose(handed[0]!, tf.mul(tf.mean(w, [0, 1]), 0.005), { relative: 1e-4 });

  const model = createGenerator(tinyConfig);
  let updates = 0;
  const context = { ...trainingContext(fold(key(4), "step")), update: () => updates++ };
  model.apply(model.init(key(1)), normal(key(2), [2, model.latentSize]), context);
  expect(updates).toBe(1);
});

test.each([
  [{ imageSize: 12 }, /power of 2/],
  [{ generator: { attention: { variant: "simplex", latentPositions: false } } }, /positions of both/],
  [{ generator: { style: false, attention: { kind: "none" } } }, /no latent reaches the image/],
  [{ generator: { blurTaps: [1, 2, 1] } }, /even number of taps/],
  [{ generator: { latentWidth: 6 } }, /multiple of 4/],
  [{ discriminator: { architecture: "deep" } }, /residual, skip, plain/],
])("refuses %j", (overrides, message) => {
  expect(() => family.configure(tinyConfig, overrides)).toThrow(message);
});
