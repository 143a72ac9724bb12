import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import "../index.js";

it("differentiates twice through products, softmax and norms", async () => {
  await tf.setBackend("cpu");
  const w = tf.tensor2d([0.3, -0.2, 0.5, 0.7], [2, 2]);
  const f = (x: tf.Tensor): tf.Scalar => tf.sum(tf.square(tf.softmax(tf.matMul(x as tf.Tensor2D, w)))) as tf.Scalar;
  const g = tf.grad((x: tf.Tensor) => tf.sum(tf.square(tf.grad(f)(x))) as tf.Scalar);
  const x = tf.tensor2d([0.1, 0.9, -0.4, 0.2], [2, 2]);
  const analytic = (await g(x).data())[0]!;
  const h = 1e-2;
  const at = (d: number): number =>
    (tf.sum(tf.square(tf.grad(f)(tf.add(x, tf.tensor2d([d, 0, 0, 0], [2, 2]))))).dataSync() as Float32Array)[0]!;
  expect(analytic).toBeCloseTo((at(h) - at(-h)) / (2 * h), 3);
});
