import * as tf from "@tensorflow/tfjs-core";

/** Values of a function and the gradient of their sum, from one forward pass; both can be differentiated again. */
export function differentiate<Value extends tf.Tensor>(
  fn: (x: tf.Tensor4D) => Value,
  x: tf.Tensor4D,
): { readonly value: Value; readonly gradient: tf.Tensor4D } {
  const { value, grad } = tf.valueAndGrad(fn as (x: tf.Tensor) => tf.Scalar)(x);
  return { value: value as tf.Tensor as Value, gradient: grad as tf.Tensor4D };
}
