import * as tf from "@tensorflow/tfjs-core";
import { inMixedPrecision, keepFloat32 } from "../compile/trace.js";

/** Scale of gradients of logits with respect to pixels, which would underflow in half precision. */
const halfPrecisionScale = 256;

/** Values of a function and the gradient of their sum, from one forward pass; both are differentiable again. */
export function differentiate<Value extends tf.Tensor, Input extends tf.Tensor = tf.Tensor4D>(
  fn: (x: Input) => Value,
  x: Input,
): { readonly value: Value; readonly gradient: Input } {
  const scale = inMixedPrecision() ? halfPrecisionScale : 1;
  const scaled = (input: tf.Tensor): tf.Tensor =>
    scale === 1 ? fn(input as Input) : tf.mul(keepFloat32(fn(input as Input)), scale);
  const { value, grad } = tf.valueAndGrad(scaled as (x: tf.Tensor) => tf.Scalar)(x);
  const unscaled = (tensor: tf.Tensor): tf.Tensor => (scale === 1 ? tensor : tf.div(keepFloat32(tensor), scale));
  return { value: unscaled(value) as Value, gradient: unscaled(grad) as Input };
}
