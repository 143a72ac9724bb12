import { attention, onTokens, sagan } from "@ganymede/attention";
import type { ParamTree } from "@ganymede/core";
import { differentiate, inference, key, mapLeaves, normal, training } from "@ganymede/core";
import { checkGradients } from "@ganymede/core/testing";
import { squaredNorms } from "@ganymede/training";
import { checkModelFamily } from "@ganymede/training/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, test } from "vitest";
import { createGenerator, saganFamily } from "./index.js";
import { conditionalConfig, tinyConfig } from "./tiny-config.fixture.js";

const family = saganFamily;

const { attentions = [] } = attention();

beforeAll(() => tf.setBackend("cpu"));

test.each([
  ["without classes", tinyConfig],
  ["by class", conditionalConfig],
  ["with a residual block", family.configure(tinyConfig, { discriminator: { attention: "residual" } })],
  ["with a convolution", family.configure(tinyConfig, { generator: { attention: "convolution" } })],
  ["with attention over tokens", family.configure(tinyConfig, { generator: { attention: "dot-product", heads: 2 } })],
])("the family conforms %s", async (_, config) => {
  await checkModelFamily(family, { config, attentions });
});

/** Numbers of one sign on even channels and of the other on odd ones. */
function alternating(leaf: tf.Tensor, size: number): tf.Tensor {
  const width = leaf.shape.at(-1) as number;
  const values = Float32Array.from({ length: leaf.size }, (_, index) => ((index % width) % 2 === 0 ? size : -size));
  return tf.tensor(values, leaf.shape);
}

/** Small kernels and large biases that keep every ReLU far from its kink, and an open gate, so that derivatives go through the attention. */
function smoothed<Params extends ParamTree>(params: Params, kernels = 0.3): Params {
  return mapLeaves(params, (leaf, path) => {
    if (path.endsWith("gamma")) return tf.fill(leaf.shape, 0.7);
    if (path.includes("shift")) return alternating(leaf, 2);
    if (path.endsWith("Norm.scale.weight")) return tf.fill(leaf.shape, -0.8);
    if (path.endsWith("norm.scale")) return tf.fill(leaf.shape, 0.2);
    if (leaf.rank === 4) return tf.mul(leaf, kernels);
    return path.endsWith("bias") ? alternating(leaf, 1.5) : leaf;
  });
}

test("R1's gradient through the discriminator, attention and projection included, equals finite differences", async () => {
  // Without pooling, whose largest value would change places under the differences.
  const config = family.configure(conditionalConfig, { discriminator: { attention: "sagan-plain" } });
  const { discriminator } = family.create(config);
  const params = smoothed(discriminator.init(key(2)), 0.2);
  const images = normal<tf.Rank.R4>(key(3), [2, 8, 8, 3], 0, 0.3);
  const context = { ...training(key(4)), labels: tf.tensor1d([2, 0], "int32") };
  const penalty = (given: ParamTree) =>
    tf.mean(squaredNorms(differentiate((x) => discriminator.apply(given, x, context), images).gradient));
  await checkGradients(penalty, params, { order: 1, directions: 1, step: 0.01 });
});

test("the generator has right derivatives in its latent and its parameters", async () => {
  const generator = createGenerator(conditionalConfig, onTokens(sagan()));
  const { blocks, start, norm, output } = smoothed(generator.init(key(1)));
  const context = { ...inference, labels: tf.tensor1d([2, 0], "int32") };
  const inputs = { z: normal<tf.Rank.R2>(key(2), [2, 6]), start, output };
  await checkGradients(
    (given) => generator.apply({ start: given.start, output: given.output, blocks, norm }, given.z, context),
    inputs,
    { order: 1, directions: 1, step: 0.01 },
  );
});
