import * as tf from "@tensorflow/tfjs-core";

/**
 * x W + b over the last axis: x `[..., inputs]`, W `[inputs, outputs]`, b `[outputs]`. Leading axes are flattened, so that it is a
 * single matrix product whose weight gradient needs no sum over a batch.
 */
export function linearMap<T extends tf.Tensor>(x: T, weight: tf.Tensor2D, bias?: tf.Tensor1D): T {
  const rows = tf.reshape(x, [-1, weight.shape[0]]) as tf.Tensor2D;
  const product = tf.matMul(rows, weight);
  const shifted = bias === undefined ? product : tf.add(product, bias);
  return tf.reshape(shifted, [...x.shape.slice(0, -1), weight.shape[1]]) as T;
}
