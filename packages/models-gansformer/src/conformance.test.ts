import { attention } from "@ganymede/attention";
import type { ParamTree } from "@ganymede/core";
import { differentiate, inference, key, normal } from "@ganymede/core";
import { checkGradients } from "@ganymede/core/testing";
import { squaredNorms } from "@ganymede/training";
import { checkModelFamily } from "@ganymede/training/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, test } from "vitest";
import { gansformerFamily } from "./index.js";
import { tinyConfig } from "./tiny-config.fixture.js";

const family = gansformerFamily;

const { attentions = [] } = attention();

beforeAll(() => tf.setBackend("cpu"));

const aggregators = {
  kind: "aggregators",
  count: 3,
  width: 8,
  heads: 2,
  integration: "add",
  norm: "layer",
  dropout: 0.12,
  between: true,
  back: true,
};

test.each([
  ["the release's default", {}],
  [
    "StyleGAN2 by class",
    {
      classes: 3,
      generator: { attention: { kind: "none" }, architecture: "skip" },
      discriminator: { architecture: "skip" },
    },
  ],
  [
    "simplex attention without style, with classes and every other option",
    {
      classes: 2,
      generator: {
        style: false,
        noise: false,
        architecture: "plain",
        mapping: { residual: false },
        attention: {
          variant: "simplex",
          heads: 2,
          integration: "both",
          norm: "instance",
          position: { kind: "linear", directions: 2 },
          gates: { pixels: true, latents: true },
          componentDropout: 0.2,
          componentMixing: 0.5,
        },
      },
      discriminator: { attention: aggregators, architecture: "plain" },
    },
  ],
  [
    "duplex attention with carried centroids",
    { generator: { attention: { centroids: "carried", rounds: 2, integration: "add", position: { kind: "axes" } } } },
  ],
])("%s conforms", async (_, overrides) => {
  await checkModelFamily(family, { config: family.configure(tinyConfig, overrides), attentions });
});

test("R1 of the discriminator has the gradient that differences give", async () => {
  const model = family.create(family.configure(tinyConfig, { discriminator: { channelMax: 4 } }));
  const params = model.discriminator.init(key(3));
  const images = normal<tf.Rank.R4>(key(2), [2, 8, 8, 3]);
  const penalty = (given: typeof params) =>
    tf.mean(squaredNorms(differentiate((x) => model.discriminator.apply(given, x, inference), images).gradient));
  await checkGradients(penalty, params, { order: 1, directions: 1, step: 0.002, tolerance: 0.02 });
});

test("R1 through aggregators has the gradient that differences give", async () => {
  const discriminator = { attention: { ...aggregators, between: false, back: false }, channelMax: 4 };
  const model = family.create(family.configure(tinyConfig, { discriminator }));
  const params = model.discriminator.init(key(1)) as { readonly aggregatorHead: { readonly hidden: ParamTree } };
  const images = normal<tf.Rank.R4>(key(2), [2, 8, 8, 3]);
  const penalty = (hidden: ParamTree) => {
    const given = { ...params, aggregatorHead: { ...params.aggregatorHead, hidden } };
    return tf.mean(squaredNorms(differentiate((x) => model.discriminator.apply(given, x, inference), images).gradient));
  };
  await checkGradients(penalty, params.aggregatorHead.hidden, { order: 1, step: 0.002, tolerance: 0.02 });
});
