import * as tf from "@tensorflow/tfjs-core";

/** Values of a function and the gradient of their sum, from one forward pass; both can be differentiated again. */
export function differentiate<Value extends tf.Tensor, Input extends tf.Tensor = tf.Tensor4D>(
  fn: (x: Input) => Value,
  x: Input,
): { readonly value: Value; readonly gradient: Input } {
  const { value, grad } = tf.valueAndGrad(fn as unknown as (x: tf.Tensor) => tf.Scalar)(x);
  return { value: value as tf.Tensor as Value, gradient: grad as Input };
}
