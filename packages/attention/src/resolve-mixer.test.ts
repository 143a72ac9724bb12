import { defineLayer, defineMixer, inference, key, normal } from "@ganymede/core";
import { checkMixer, expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import { attentionVariants, convolution, residual, resolveMixer, tokenMixers } from "./index.js";

beforeAll(() => tf.setBackend("cpu"));

const options = { channels: 16, heads: 2, grid: [4, 4] } as const;
const x = () => normal<tf.Rank.R3>(key(1), [1, 16, 16]);
const mixes = attentionVariants.filter(({ role }) => role === "self" || role === "map").map(({ id }) => id);
const settings: Readonly<Record<string, object>> = {
  lsh: { bucketSize: 4 },
  window: { window: 2 },
  "shifted-window": { window: 2 },
  neighbourhood: { kernel: 3 },
};

describe("conforms", () => {
  // ReLU bends at 0: differences across a bend are none of its derivatives.
  test("residual", () => checkMixer(residual, { order: 0 }));
  test("convolution", () => checkMixer(convolution));
  test("convolution without equalised rates", () => checkMixer(convolution({ kernel: 5, equalized: false })));
});

test.each([...tokenMixers.map(({ id }) => id), ...mixes])("%s mixes the tokens of a map", (id) => {
  const layer = resolveMixer({ id, ...settings[id] }, {}, "toy: mixing").create(options);
  expect(layer.apply(layer.init(key(2)), x(), inference).shape).toEqual([1, 16, 16]);
});

test("what replaces its input becomes the update that a block adds", async () => {
  const mean = defineMixer({
    id: "mean",
    source: "none",
    replaces: true,
    defaults: { weight: 1 },
    create: ({ weight }) =>
      defineLayer({
        init: () => ({}),
        apply: (_, tokens: tf.Tensor3D) =>
          tf.mul(tf.broadcastTo(tf.mean(tokens, 1, true), tokens.shape), weight) as tf.Tensor3D,
      }),
  });
  const layer = resolveMixer({ id: "mean", weight: 3 }, { mixers: [mean] }, "toy: mixing").create(options);
  const updated = tf.add(x(), layer.apply({}, x(), inference));
  await expectAllClose(updated, tf.mul(tf.broadcastTo(tf.mean(x(), 1, true), [1, 16, 16]), 3), { absolute: 1e-6 });
});

test.each([
  [
    "convoluton",
    'toy: mixing: there is no attention over tokens or maps called "convoluton"; did you mean "convolution"?',
  ],
  ["cross", 'toy: mixing must be an attention over tokens or maps, got "cross", which works on tokens and a memory'],
  [{ id: "convolution", kernel: 0 }, "toy: mixing: convolution: kernel must be a whole number from 1 up, got 0"],
])("refuses %j in one sentence", (ref, message) => {
  expect(() => resolveMixer(ref, {}, "toy: mixing")).toThrow(message);
});
