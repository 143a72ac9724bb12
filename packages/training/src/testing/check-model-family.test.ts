import { inference } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import type { AdversarialModel, Context, ModelFamily, TrainingConfig } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { resolveConfig } from "@ganymede/core/config";
import { leafRule, networkWeights, times, transposeLinear } from "@ganymede/core/weights";
import { beforeAll, describe, expect, test } from "vitest";
import { checkModelFamily } from "./index.js";
import type { Discriminator, Generator } from "./probe-model.js";
import {
  discriminator,
  drawLayers,
  generator,
  judge,
  right,
  seen,
  stylesOf,
  training,
  twice,
  weights,
} from "./probe-model.js";

beforeAll(() => tf.setBackend("cpu"));

function family(model: object, changes: Partial<ModelFamily<{ readonly size: number }>> = {}) {
  const own: ModelFamily<{ readonly size: number }> = {
    id: "toy",
    source: "none",
    presets: [{ id: "toy-small", source: "none", model: { size: 4 }, training }],
    configure: (base, overrides) => resolveConfig(base, overrides, "toy"),
    create: () => model as unknown as AdversarialModel,
    weights,
    ...changes,
  };
  return checkModelFamily(own, { config: { size: 4 } });
}

test("a model that keeps all that it declares conforms", async () => {
  await family(right);
});

test("a family that takes any value of a setting, or dies of it, does not conform", async () => {
  const unchecked = { configure: (base: object, overrides: object) => ({ size: 4, ...base, ...overrides }) };
  await expect(family(right, unchecked)).rejects.toThrow(/configure must refuse/);
  const crashing = {
    configure: (base: { readonly size: number }, overrides: Readonly<Record<string, unknown>>) => {
      const { size } = resolveConfig(base, overrides, "toy");
      return { size: Number(size.toFixed()) };
    },
  };
  await expect(family(right, crashing)).rejects.toThrow(/configure must refuse size = null with a GanymedeError/);
});

const { styles } = right;
const half = (x: tf.Tensor) => tf.mul(x, 0.5);

describe("what is declared and not so is named", () => {
  test.each<[string, object, RegExp]>([
    ["another shape of images", { imageShape: [8, 8, 1] }, /images must be \[4,8,8,1\], got \[4,4,4,1\]/],
    [
      "more components than w has room for",
      { styles: { ...styles, components: { count: 2, width: 3 } } },
      /components must fit into the 4 numbers of w, got 2 of 3 numbers/,
    ],
    [
      "components of half a number",
      { styles: { ...styles, components: { count: 1.5, width: 1 } } },
      /components must fit into the 4 numbers of w, got 1.5 of 1/,
    ],
    [
      "styles that draw something else",
      { styles: { ...styles, synthesis: (p: Generator, w: tf.Tensor2D) => half(styles.synthesis(p, w)) } },
      /styles.synthesis after styles.mapping: number/,
    ],
    [
      "one style for all layers",
      { styles: { ...styles, layers: { ...styles.layers, mapping: stylesOf } } },
      /styles.layers.mapping must have rank 3 and 4 rows, got \[4,4\]/,
    ],
    [
      "layers that draw something else",
      {
        styles: {
          ...styles,
          layers: { ...styles.layers, synthesis: (p: Generator, w: tf.Tensor3D) => half(drawLayers(p, w)) },
        },
      },
      /styles.layers.synthesis after styles.layers.mapping: number/,
    ],
    [
      "another logit beside those of pixels",
      {
        pixelLogits: {
          apply: (p: Discriminator, x: tf.Tensor4D, c: Context) => ({ image: half(judge(p, x, c)), pixels: x }),
        },
      },
      /pixelLogits.image against the discriminator's own output: number/,
    ],
    [
      "too few logits of pixels",
      {
        pixelLogits: {
          apply: (p: Discriminator, x: tf.Tensor4D, c: Context) => ({
            image: judge(p, x, c),
            pixels: tf.slice4d(x, [0, 0, 0, 0], [-1, 2, 2, 1]),
          }),
        },
      },
      /pixelLogits.pixels must be \[4,4,4,1\], got \[4,2,2,1\]/,
    ],
    [
      "queries that are no weights",
      { queries: { apply: (p: Discriminator, x: tf.Tensor4D) => tf.neg(seen(p, x)) } },
      /queries must be weights from 0 up, got -/,
    ],
    [
      "queries of a whole batch",
      { queries: { apply: (p: Discriminator, x: tf.Tensor4D) => tf.mean(seen(p, x), 0) } },
      /queries must be \[4, m, N\], got \[3,16\]/,
    ],
    [
      "logits that compare images",
      {
        discriminator: {
          ...discriminator,
          apply: (p: Discriminator, x: tf.Tensor4D, c: Context) => tf.sub(judge(p, x, c), tf.mean(judge(p, x, c))),
        },
      },
      /depends on the other images of its batch must be declared/,
    ],
    [
      "weights of another shape",
      {
        discriminatorWeights: {
          ...right.discriminatorWeights,
          apply: (p: Discriminator) => ({ ...p, head: tf.tile(p.head, [1, 2]) }),
        },
      },
      /discriminatorWeights.apply must keep the leaves of its argument, but changes head \[16,1\]/,
    ],
    [
      "vectors that are lost",
      { discriminatorWeights: { ...right.discriminatorWeights, advance: () => ({}) } },
      /discriminatorWeights.advance must keep the leaves of its argument, but changes half \[\]/,
    ],
  ])("%s", async (_, changes, message) => {
    await expect(family({ ...right, ...changes })).rejects.toThrow(message);
  });

  const deaf = (apply: typeof judge) => (p: Discriminator, x: tf.Tensor4D) =>
    tf.add(apply(p, x, { ...inference, labels: tf.zeros([x.shape[0]], "int32") }), tf.mul(tf.sum(p.classes), 0.1));

  test("classes that change no image, or no logit", async () => {
    const drawn = (p: Generator, z: tf.Tensor2D) => tf.add(z, tf.mul(tf.sum(p.classes), 0.1)) as tf.Tensor2D;
    const { styles: _, ...plain } = right;
    const trained = { ...training, discriminatorTerms: [], generatorTerms: [] };
    const presets = [{ id: "toy-small", source: "none", model: { size: 4 }, training: trained }];
    const blind = { ...generator, apply: (p: Generator, z: tf.Tensor2D) => drawLayers(p, twice(drawn(p, z))) };
    await expect(family({ ...plain, generator: blind }, { presets })).rejects.toThrow(
      /another class must change the generated image/,
    );
    const unheeding = { ...plain, pixelLogits: undefined, discriminator: { ...discriminator, apply: deaf(judge) } };
    await expect(family(unheeding, { presets })).rejects.toThrow(/another class must change the logit of an image/);
  });

  test.each<[string, Partial<TrainingConfig>, object, RegExp]>([
    [
      "no logits of pixels",
      {},
      { pixelLogits: undefined },
      /"toy-small" must be trainable with its own training config, but training: the term "pixel-logits" of generatorTerms needs a model with the capability "pixelLogits", but this one has styles, queries/,
    ],
    ["no queries", {}, { queries: undefined }, /but .*"diversity" of discriminatorTerms needs .* "queries"/],
    ["no styles", {}, { styles: undefined }, /but .*"path-length" of generatorTerms needs .* "styles"/],
    [
      "a loss that there is not",
      { loss: "non-saturated" },
      {},
      /"toy-small" must be trainable with its own training config, but training.loss: there is no loss "non-saturated"; did you mean "non-saturating"/,
    ],
    [
      "an augmentation that there is not",
      { augmentation: { id: "adda", target: 0.6 } },
      {},
      /"toy-small" must be trainable with its own training config, but training.augmentation: there is no augmentation "adda"; did you mean "ada"/,
    ],
    ["a batch of none", { batch: 0 }, {}, /must be trainable with its own training config, but .*batch must be/],
  ])("a preset whose training needs what its model lacks: %s", async (_, changes, model, message) => {
    const presets = [{ id: "toy-small", source: "none", model: { size: 4 }, training: { ...training, ...changes } }];
    await expect(family({ ...right, ...model }, { presets })).rejects.toThrow(message);
  });

  const drawn = (p: Generator, z: tf.Tensor2D, c: Context) => generator.apply(p, z, c);
  test.each<[string, object, RegExp]>([
    [
      "a generator that reads values",
      {
        generator: {
          ...generator,
          apply: (p: Generator, z: tf.Tensor2D, c: Context) =>
            tf.mul(drawn(p, z, c), (z.dataSync()[0] as number) > 9 ? 0 : 1),
        },
      },
      /the generator: it must not read values, but calls dataSync\(\)/,
    ],
    [
      "a generator that reads them in training alone",
      {
        generator: {
          ...generator,
          apply: (p: Generator, z: tf.Tensor2D, c: Context) =>
            c.mode === "training"
              ? tf.mul(drawn(p, z, c), Math.sign((z.arraySync()[0] as number[])[0] as number))
              : drawn(p, z, c),
        },
      },
      /a training step: it must not read values, but calls arraySync\(\)/,
    ],
    [
      "noise that a compiled step would freeze",
      {
        generator: {
          ...generator,
          apply: (p: Generator, z: tf.Tensor2D, c: Context) =>
            c.mode === "training" ? drawn(p, tf.add(z, tf.randomNormal(z.shape)), c) : drawn(p, z, c),
        },
      },
      /a training step: it must draw from the context's key, but uses Math.random or one of tf.random/,
    ],
    [
      "a discriminator that reads values",
      {
        discriminator: {
          ...discriminator,
          apply: (p: Discriminator, x: tf.Tensor4D, c: Context) =>
            tf.mul(judge(p, x, c), x.dataSync().length > 0 ? 1 : 0),
        },
      },
      /the discriminator: it must not read values/,
    ],
  ])("%s", async (_, changes, message) => {
    await expect(family({ ...right, ...changes })).rejects.toThrow(message);
  });

  test.each<[string, Partial<typeof weights>, RegExp]>([
    [
      "miss a leaf",
      { generator: () => networkWeights([leafRule("map", "fc.weight", transposeLinear)]) },
      /the rules must fit the network, but .*"classes" has none/,
    ],
    [
      "name one that is not there",
      { generator: () => networkWeights([...weights.generator().rules, leafRule("bias", "b")]) },
      /the rules must fit the network, but .*"bias"/,
    ],
    [
      "do not come back",
      {
        generator: () =>
          networkWeights([
            leafRule("map", "fc.weight", { parts: 1, read: transposeLinear.read, write: times(2).write }),
            leafRule("classes", "embed"),
          ]),
      },
      /the rules must fit the network, but .*shape \[4, 16\]/,
    ],
    [
      "come back as other numbers",
      {
        generator: () =>
          networkWeights([
            leafRule("map", "fc.weight", transposeLinear),
            leafRule("classes", "embed", { parts: 1, read: times(1).read, write: times(2).write }),
          ]),
      },
      /weights.generator of classes, written and read: number/,
    ],
  ])("names of the authors that %s", async (_, changes, message) => {
    await expect(family(right, { weights: { ...weights, ...changes } })).rejects.toThrow(message);
  });

  test("names for a config that the authors' code cannot express are not asked for", async () => {
    const generator = () => {
      throw new GanymedeError("unsupported", "toy: weights need another config, got this one; choose a preset");
    };
    await family(right, { weights: { ...weights, generator } });
  });
});
