import { differentiate, key, normal, squaredNorms } from "@ganymede/core";
import { checkGradients, checkModelFamily } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, test } from "vitest";
import { skinnyFamily } from "./index.js";
import { convolutional, setQueries, tinyConfig } from "./tiny-config.fixture.js";

const family = skinnyFamily();

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
      generator: { styleInput: "array", coarse: { width: 16, mixing: "augmented-convolution" } },
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
  await checkModelFamily(family, { config: family.configure(tinyConfig, overrides) });
});

test.each([
  ["attention U-Net", { pixels: false }],
  ["set of queries", setQueries],
])("R1 of the discriminator with the %s has the gradient that differences give", async (_, discriminator) => {
  const model = family.create(family.configure(tinyConfig, { discriminator }));
  const params = model.discriminator.init(key(1));
  const images = normal<tf.Rank.R4>(key(2), [1, 8, 8, 3]);
  const penalty = (given: typeof params) =>
    tf.mean(squaredNorms(differentiate((x) => model.discriminator.apply(given, x), images).gradient));
  await checkGradients(penalty, params, { order: 1, directions: 1, step: 0.002, tolerance: 0.01 });
});
