import type { AdversarialModel, ParamTree } from "@ganymede/core";
import { defineLayer, key } from "@ganymede/core";
import { compose, linear } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, expect, test } from "vitest";
import { linearGameTraining } from "../fixtures/linear-game.js";
import { createTrainStep } from "../step/train-step.js";
import { firstNonFinite } from "./first-non-finite.js";

beforeAll(() => tf.setBackend("cpu"));

/** A layer without parameters. */
const plain = <Input, Output>(apply: (x: Input) => Output) =>
  defineLayer<Record<string, never>, Input, Output>({ init: () => ({}), apply: (_, x) => apply(x) });

const body = (log: boolean) =>
  compose(
    { first: linear({ inputs: 12, outputs: 4 }), log: log ? plain((x: tf.Tensor2D) => tf.log(x)) : undefined },
    (part, x: tf.Tensor2D) => {
      const y = part.first(x);
      return part.log === undefined ? y : part.log(y);
    },
  );

const model = (broken: "generator" | "discriminator" | "none") => {
  const generator = compose(
    {
      start: linear({ inputs: 12, outputs: 12 }),
      sqrt: plain((x: tf.Tensor2D) => (broken === "generator" ? tf.sqrt(x) : x)),
    },
    (part, z: tf.Tensor2D): tf.Tensor4D => tf.reshape(part.sqrt(part.start(z)), [-1, 2, 2, 3]),
  );
  const discriminator = compose(
    { blocks: [body(broken === "discriminator")], head: linear({ inputs: 4, outputs: 1 }) },
    (part, x: tf.Tensor4D): tf.Tensor1D => {
      const flat = tf.reshape<tf.Rank.R2>(x, [-1, 12]);
      return tf.reshape(part.head(part.blocks[0]!(flat)), [-1]);
    },
  );
  return { latentSize: 12, imageShape: [2, 2, 3], generator, discriminator } as unknown as AdversarialModel;
};

test.each([
  ["generator", "generator.sqrt"],
  ["discriminator", "discriminator.blocks.0.log"],
  ["none", null],
] as const)("of %s it is %s, and nothing is left behind", async (broken, path) => {
  const train = createTrainStep<ParamTree, ParamTree>(model(broken), linearGameTraining);
  const state = train.init(key(1));
  const images = tf.fill<tf.Rank.R4>([3, 2, 2, 3], -0.5);
  const before = tf.memory().numTensors;
  expect(await firstNonFinite(train, state, { images })).toBe(path);
  expect(tf.memory().numTensors).toBe(before);
});
