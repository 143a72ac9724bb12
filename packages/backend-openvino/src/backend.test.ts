import { compile, inference, key, normal } from "@ganymede/core";
import { mlp } from "@ganymede/core/nn";
import { expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { describe, expect, test } from "vitest";
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

describe.skipIf("reason" in found)("mixed precision", () => {
  const attend = (weights: tf.Tensor2D, x: tf.Tensor3D): tf.Tensor => {
    const loss = (w: tf.Tensor2D): tf.Scalar => {
      const q = tf.reshape<tf.Rank.R3>(tf.matMul(tf.reshape(x, [-1, 16]), w), x.shape);
      const shares = tf.softmax(tf.mul(tf.matMul(q, x, false, true), 0.25));
      return tf.mean(tf.square(tf.matMul(shares, x)));
    };
    return tf.grad(loss as (w: tf.Tensor) => tf.Tensor)(weights);
  };

  test("bfloat16 gives attention and its gradient to two digits, and rounds", async () => {
    await openvinoBackend().activate();
    const args = [normal<tf.Rank.R2>(key(1), [16, 16]), normal<tf.Rank.R3>(key(2), [2, 12, 16])] as const;
    const exact = await (await compile(attend)(...args)).data();
    const rounded = await (await compile(attend, { precision: "bfloat16", weights: [0] })(...args)).data();
    const scale = Math.max(...exact.map(Math.abs));
    const worst = Math.max(...exact.map((value, i) => Math.abs(value - rounded[i]!))) / scale;
    expect(worst).toBeLessThan(4e-2);
    expect(worst).toBeGreaterThan(5e-4);
  });

  test("float16 is refused, with what to choose", async () => {
    await openvinoBackend().activate();
    const run = compile((x: tf.Tensor2D) => tf.matMul(x, x) as tf.Tensor, { precision: "float16" });
    await expect(run(tf.ones([2, 2]))).rejects.toThrow(
      "compile: precision must be float32 or bfloat16 on openvino, got float16; choose one of these",
    );
  });
});
