import { attention } from "@ganymede/attention";
import type { ParamTree, TrainingConfig } from "@ganymede/core";
import { differentiate, inference, key, normal, training as trainingContext } from "@ganymede/core";
import { checkGradients, expectAllClose } from "@ganymede/core/testing";
import { createTrainStep, meanCosine, squaredNorms } from "@ganymede/training";
import { checkModelFamily } from "@ganymede/training/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import { skinnyFamily } from "./index.js";
import { convolutional, setQueries, tinyConfig } from "./tiny-config.fixture.js";

const family = skinnyFamily;

const { attentions = [] } = attention();

beforeAll(() => tf.setBackend("cpu"));

test.each([
  ["all attention", {}],
  [
    "with w as a token, noise for each token, and a set of queries against it",
    {
      classes: 2,
      generator: { styleInput: "token", noiseWidth: 2, fine: { mixing: "convolution" } },
      discriminator: setQueries,
    },
  ],
  [
    "with classes, tokens of w alone and a convolutional discriminator",
    {
      classes: 3,
      generator: { styleInput: "array", coarse: { width: 16, mixing: "augmented-conv" } },
      discriminator: convolutional,
    },
  ],
  [
    "with reversible blocks, mixed styles and no logits for pixels",
    {
      classes: 2,
      generator: { styleMixing: 0.9, stack: { reversible: true }, coarse: { reversible: true, mixing: "efficient" } },
      discriminator: { pixels: false, mixing: "l2", weightNorm: "improved-spectral" },
    },
  ],
])("%s it conforms", async (_, overrides) => {
  await checkModelFamily(family, { config: family.configure(tinyConfig, overrides), attentions });
});

test.each([
  ["attention U-Net", { pixels: false }],
  ["set of queries", setQueries],
])("R1 of the discriminator with the %s has the gradient that differences give", async (_, discriminator) => {
  const model = family.create(family.configure(tinyConfig, { discriminator }));
  const params = model.discriminator.init(key(1));
  const images = normal<tf.Rank.R4>(key(2), [1, 8, 8, 3]);
  const penalty = (given: typeof params) =>
    tf.mean(squaredNorms(differentiate((x) => model.discriminator.apply(given, x, inference), images).gradient));
  await checkGradients(penalty, params, { order: 1, directions: 1, step: 0.002, tolerance: 0.01 });
});

describe("the penalty that keeps queries apart", () => {
  const model = family.create(family.configure(tinyConfig, { classes: 2, discriminator: setQueries }));
  const labels = tf.tensor1d([0, 1], "int32");
  const training: TrainingConfig = {
    ...family.presets[0]!.training,
    batch: 2,
    augmentation: null,
    ema: { halfLifeImages: 10, rampUp: 0, startImages: 0 },
  };
  const stepWith = (weight: number, pixels: readonly string[]) => {
    const penalty = weight === 0 ? [] : [{ id: "diversity", weight, every: 2 }];
    const terms = { discriminatorTerms: [...pixels, ...penalty], generatorTerms: pixels };
    return createTrainStep<ParamTree, ParamTree>(model, { ...training, ...terms });
  };

  test("has the gradient that differences give, in every parameter on the way to the maps", async () => {
    const { queries, discriminator } = model;
    const params = discriminator.init(key(1));
    const images = normal<tf.Rank.R4>(key(2), [2, 8, 8, 3]);
    const penalty = (given: typeof params) =>
      meanCosine(queries!.apply(given, images, { ...trainingContext(key(3)), labels }));
    const value = penalty(params).dataSync()[0]!;
    expect(value).toBeGreaterThan(0.1);
    expect(value).toBeLessThan(1);
    await checkGradients(penalty, params, { order: 1, directions: 1, step: 0.02, tolerance: 0.01 });
  });

  test.each([[[]], [["pixel-logits"]]])("joins the discriminator's loss where it is due, with %j", async (pixels) => {
    const [plain, kept] = [stepWith(0, pixels), stepWith(0.5, pixels)];
    const images = normal<tf.Rank.R4>(key(5), [2, 8, 8, 3]);
    const run = (train: typeof plain, at: number) =>
      train.updates.discriminator.update(train.init(key(4)), { images, labels }, key(6), train.phases(at).discriminator)
        .report;
    const [off, on] = [run(plain, 0), run(kept, 0)];
    await expectAllClose(tf.add(off["loss/d"]!, on["loss/diversity"]!), on["loss/d"]!, { absolute: 1e-4 });
    expect(on["loss/diversity"]!.dataSync()[0]).toBeGreaterThan(0.01);
    expect(run(kept, 1)).not.toHaveProperty("loss/diversity");
    await expectAllClose(run(kept, 1)["loss/d"]!, off["loss/d"]!, { absolute: 1e-4 });
  });

  test("is refused by a discriminator without queries", () => {
    const terms = { discriminatorTerms: ["diversity"], generatorTerms: [] };
    expect(() => createTrainStep(family.create(tinyConfig), { ...training, ...terms })).toThrow(
      /the term "diversity" of discriminatorTerms needs a model with the capability "queries", but this one has styles, pixelLogits/,
    );
  });
});
