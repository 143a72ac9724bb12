import { differentiate } from "@ganymede/core";
import { gelu, linearMap, silu } from "@ganymede/core/nn";
import { interpolate, normDeviation, squaredNorms } from "@ganymede/training";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter } from "../adapter.js";
import { toMatrix } from "./layout.js";

const activations: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  gelu,
  silu,
  tanh: tf.tanh,
  relu: tf.relu,
  sigmoid: tf.sigmoid,
  softplus: tf.softplus,
  lrelu: (x) => tf.leakyRelu(x, 0.2),
};

/** Vectors `[B, in]` as images of one pixel. */
function asImages(x: tf.Tensor): tf.Tensor4D {
  return tf.reshape(x, [x.shape[0] as number, 1, 1, -1]);
}

export const gradientPenalties: Adapter = (golden) => {
  const config = golden.file.config as { activations: readonly string[]; gp_target: number };
  const [first, second] = [toMatrix(golden.tensor("W1")), toMatrix(golden.tensor("W2"))];
  const real = asImages(golden.tensor("real"));
  const between = interpolate(real, asImages(golden.tensor("fake")), tf.reshape(golden.tensor("alpha"), [-1]));
  const outputs: Record<string, tf.Tensor> = {};
  for (const name of config.activations) {
    const activation = activations[name];
    if (activation === undefined) throw new Error(`no activation is called "${name}"`);
    const judge = (x: tf.Tensor4D) =>
      linearMap(activation(linearMap(x, first, golden.tensor<tf.Tensor1D>("b1"))), second);
    const atReal = differentiate(judge, real).gradient;
    outputs[`${name}.r1`] = tf.mean(squaredNorms(atReal));
    outputs[`${name}.input_grad`] = tf.reshape(atReal, golden.tensor("real").shape);
    outputs[`${name}.gp`] = normDeviation(differentiate(judge, between).gradient, config.gp_target);
  }
  return outputs;
};
