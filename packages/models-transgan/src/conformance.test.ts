import { attention } from "@ganymede/attention";
import type { ParamTree } from "@ganymede/core";
import { differentiate, fillTree, fold, inference, key, leaves, normal, training } from "@ganymede/core";
import { checkGradients } from "@ganymede/core/testing";
import { squaredNorms } from "@ganymede/training";
import { checkModelFamily } from "@ganymede/training/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, test } from "vitest";
import { transgan, transganFamily } from "./index.js";
import { tinyConfig, versionOneConfig } from "./tiny-config.fixture.js";

const family = transganFamily;

const { attentions = [] } = attention();

beforeAll(() => tf.setBackend("cpu"));

test.each([
  ["version 1", versionOneConfig],
  ["version 2", tinyConfig],
  ["version 1 by class", { ...versionOneConfig, classes: 3 }],
  ["version 2 by class", { ...tinyConfig, classes: 3 }],
  ["version 2 without norms", family.configure(tinyConfig, { discriminator: { norm: "none" } })],
  ["version 2 with norms over the batch", family.configure(tinyConfig, { generator: { norm: "batch" } })],
])("%s conforms", async (_, config) => {
  const generatorTerms = config.generator.coTraining ? [{ id: "super-resolution", weight: 1 }] : [];
  await checkModelFamily(family, { config, attentions, plugins: [transgan()], generatorTerms });
});

/** Every leaf moved along a direction of its own, by the number that `amounts` has for it. */
function moved<Params extends ParamTree>(params: Params, amounts: tf.Tensor1D): Params {
  const next = leaves(params).map(({ value }, index) => {
    const direction = normal(fold(key(11), index), value.shape as [number]);
    return tf.add(value, tf.mul(direction, tf.slice1d(amounts, index, 1)));
  });
  return fillTree(params, next);
}

test.each([
  ["version 1", versionOneConfig],
  ["version 2", tinyConfig],
])("R1's gradient through the discriminator of %s equals finite differences", async (_, config) => {
  const { discriminator } = family.create(config);
  const images = normal<tf.Rank.R4>(key(2), [2, 8, 8, 3]);
  const context = training(key(3));
  const params = discriminator.init(key(1));
  await checkGradients(
    (amounts: tf.Tensor1D) => {
      const judge = (x: tf.Tensor4D) => discriminator.apply(moved(params, amounts), x, context);
      return tf.mean(squaredNorms(differentiate(judge, images).gradient));
    },
    tf.fill([leaves(params).length], 0.3),
    { order: 1, directions: 4 },
  );
});

test.each([
  ["version 1", versionOneConfig],
  ["version 2", tinyConfig],
])("the generator of %s has right first and second derivatives in its latent", async (_, config) => {
  const { generator, latentSize } = family.create(config);
  const params = generator.init(key(1));
  const z = normal<tf.Rank.R2>(key(2), [2, latentSize]);
  await checkGradients((latent: tf.Tensor2D) => generator.apply(params, latent, inference), z, {
    directions: 1,
    step: 0.02,
  });
});
