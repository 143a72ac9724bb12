import * as tf from "@tensorflow/tfjs-core";

/** The same numbers as a constant for differentiation of any order. */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  const constant = tf.customGrad((input) => ({
    value: tf.clone(input as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
  }));
  return constant(x) as T;
}
