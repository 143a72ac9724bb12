import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkGradients } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { tensorflowBackend } from "./backend.js";

/** Where scripts/link-tensorflow.mjs puts the engine. */
const linked = fileURLToPath(new URL("../../../node_modules/.cache/tensorflow", import.meta.url));
const backend = tensorflowBackend(existsSync(linked) ? { folder: linked } : {});
const reason = await backend.unavailable();

const title =
  reason === null ? "on libtensorflow" : `skipped (node scripts/link-tensorflow.mjs links the engine): ${reason}`;

describe.skipIf(reason !== null)(title, () => {
  beforeAll(() => backend.activate());

  it("says what it runs on, and computes there", async () => {
    expect((await backend.inspect!()).name).toMatch(/libtensorflow \d/);
    expect(tf.getBackend()).toBe("tensorflow");
    expect([...(await tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).data())]).toEqual([3, 3, 3, 3]);
  });

  it("differentiates twice through saved outputs, as TensorFlow.js's own gradients do not", () =>
    checkGradients((x: tf.Tensor) => tf.tanh(tf.mul(x, tf.tanh(x))), tf.tensor1d([0.5, -0.3, 0.2])));
});

it("says what to type where nothing is installed", async () => {
  const none = tensorflowBackend({ folder: "/" });
  expect(await none.unavailable()).toMatch(/npm install @tensorflow\/tfjs-node/);
  await expect(none.inspect!()).rejects.toThrow(/tensorflow backend: tfjs-node is not installed/);
});
