import "@tensorflow/tfjs-backend-cpu";
import { compile, fold, key, normal } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { onnxBackend } from "./backend.js";

describe("onnx backend", () => {
  it("computes eagerly what is read", async () => {
    await onnxBackend().activate();
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const y = tf.softmax(tf.matMul(x, x, false, true));
    expect([...(await y.data())].map((v) => Number(v.toFixed(4)))).toEqual([0.0025, 0.9975, 0, 1]);
  });

  it("compiles a function with its gradient and its draws", async () => {
    const step = (params: { w: tf.Tensor }, x: tf.Tensor2D, runKey: ReturnType<typeof key>) => {
      const noise = normal(fold(runKey, "noise"), [3, 2]);
      const loss = (w: tf.Tensor): tf.Scalar =>
        tf.mean(tf.square(tf.matMul(tf.add(x, noise), w as tf.Tensor2D))) as tf.Scalar;
      const g = tf.valueAndGrad(loss)(params.w);
      return { w: tf.sub(params.w, tf.mul(0.1, g.grad)), loss: g.value };
    };
    const run = async (backend: string): Promise<number[]> => {
      if (backend === "cpu") await tf.setBackend("cpu");
      else await onnxBackend().activate();
      const params = { w: tf.tensor2d([1, -2, 0.5, 3], [2, 2]) };
      const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
      const compiled = compile(step);
      let state = await compiled(params, x, key(1));
      state = await compiled({ w: state.w }, x, key(2));
      return [...(await state.w.data()), ...(await state.loss.data())];
    };
    const [ours, reference] = [await run("onnx"), await run("cpu")];
    ours.forEach((value, i) => expect(value).toBeCloseTo(reference[i]!, 4));
  });
});
