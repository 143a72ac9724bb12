import { attention } from "@ganymede/attention";
import { inference, key, normal } from "@ganymede/core";
import { checkGradients } from "@ganymede/core/testing";
import { checkModelFamily } from "@ganymede/training/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, test } from "vitest";
import { vitganFamily } from "./index.js";
import { tinyConfig } from "./tiny-config.fixture.js";

const family = vitganFamily;

const { attentions = [] } = attention();

beforeAll(() => tf.setBackend("cpu"));

const residual = {
  kind: "residual",
  channels: [4, 6],
  finalChannels: 5,
  minibatchStdDev: { groupSize: 2, features: 1 },
  blurTaps: [1, 3, 3, 1],
};

test.each([
  ["the paper's form", {}],
  [
    "the release's form",
    {
      generator: {
        form: "release",
        attention: "vitgan-release-l2",
        weightNorm: "release-spectral",
        output: { kind: "implicit", hidden: [8, 8], mappingLayers: 1, noise: true },
      },
      discriminator: residual,
    },
  ],
  ["the paper's form by class", { classes: 3 }],
  ["the release's discriminator by class", { classes: 3, discriminator: residual }],
  ["a plain vision transformer", { generator: { latentInput: "addition", output: { kind: "linear" } } }],
])("%s conforms", async (_, overrides) => {
  await checkModelFamily(family, { config: family.configure(tinyConfig, overrides), attentions });
});

test("the discriminator has right first and second derivatives in its images and parameters", async () => {
  const config = family.configure(tinyConfig, { discriminator: { width: 8, mlpWidth: 8 } });
  const model = family.create(config);
  const inputs = {
    params: model.discriminator.init(key(1)),
    images: normal<tf.Rank.R4>(key(2), [2, 8, 8, 3]),
  };
  await checkGradients(({ params, images }) => model.discriminator.apply(params, images, inference), inputs, {
    directions: 1,
  });
});

test("the generator has right first and second derivatives in its latent", async () => {
  // The linear output is smooth; the patch decoder's leaky ReLU would put kinks under the differences.
  const model = family.create(family.configure(tinyConfig, { generator: { output: { kind: "linear" } } }));
  const params = model.generator.init(key(1));
  const z = normal<tf.Rank.R2>(key(2), [2, model.latentSize]);
  await checkGradients((latent: tf.Tensor2D) => model.generator.apply(params, latent, inference), z, { step: 0.02 });
});
