import { tiledSoftmaxProduct } from "@ganymede/attention";
import { onnxBackend } from "@ganymede/backend-onnx";
import { compile, fold, key, normal } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";

type Inputs = readonly tf.Tensor[];

const tokens = 1024;
const draw = (label: string, width: number): tf.Tensor => normal(fold(key(4), label), [1, 1, tokens, width]);

const tiled = ([q, k, v, bias]: Inputs) =>
  tiledSoftmaxProduct(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, bias as tf.Tensor4D);
const plain = ([q, k, v, bias]: Inputs) => tf.matMul(tf.softmax(tf.add(tf.matMul(q!, k!, false, true), bias!)), v!);

/** As R1 has it: the gradients of a score, and those of the squared length of a score's gradients. */
function derivatives(product: (inputs: Inputs) => tf.Tensor, inputs: Inputs): tf.Tensor[] {
  const score = (...all: tf.Tensor[]): tf.Scalar => tf.sum(tf.sin(tf.mul(product(all), 5)));
  const penalty = (...all: tf.Tensor[]): tf.Scalar =>
    tf
      .grads(score)(all)
      .map((gradient) => tf.sum<tf.Scalar>(tf.square(gradient)))
      .reduce((sum, term) => tf.add(sum, term));
  return [product(inputs), ...tf.grads(score)([...inputs]), ...tf.grads(penalty)([...inputs])];
}

test("the compiled engine's loop has the plain form's values, first and second derivatives", async () => {
  await onnxBackend({ threads: 1 }).activate();
  expect(tf.getKernel("SoftmaxProduct", "onnx")).toBeDefined();
  const bias = tf.reshape(draw("bias", 1), [1, 1, 1, tokens]);
  const inputs = [draw("q", 4), draw("k", 4), draw("v", 3), bias];
  const [ours, theirs] = [
    await compile((list: Inputs) => derivatives(tiled, list))(inputs),
    await compile((list: Inputs) => derivatives(plain, list))(inputs),
  ];
  expect(ours).toHaveLength(9);
  for (const [i, result] of ours.entries()) {
    const [off, size] = [tf.max(tf.abs(tf.sub(result, theirs[i]!))), tf.max(tf.abs(theirs[i]!))];
    expect(off.dataSync()[0]! / size.dataSync()[0]!).toBeLessThan(2e-5);
  }
});
