import { compile, inference, key, normal } from "@ganymede/core";
import { mlp } from "@ganymede/core/nn";
import { expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { expect, test } from "vitest";
import { findLibrary, openvinoBackend } from "./index.js";

const found = await findLibrary();

test.skipIf("reason" in found)("a compiled function computes what the reference engine does", async () => {
  const layer = mlp({ width: 8, hidden: 32 });
  await tf.setBackend("cpu");
  const params = layer.init(key(1));
  const x = normal<tf.Rank.R3>(key(2), [2, 3, 8]);
  const expected = layer.apply(params, x, inference);
  const values = await expected.data();
  const backend = openvinoBackend();
  expect(await backend.unavailable()).toBeNull();
  await backend.activate();
  const run = compile((tree: typeof params, input: tf.Tensor3D) => ({
    y: layer.apply(tree, input, inference) as tf.Tensor,
  }));
  const { y } = await run(layer.init(key(1)), normal<tf.Rank.R3>(key(2), [2, 3, 8]));
  await expectAllClose(y, values, { relative: 1e-5, absolute: 1e-6 });
});
