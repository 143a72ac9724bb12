import * as tf from "@tensorflow/tfjs-core";

/** x times a schedule's value times a plain factor. */
export function times(x: tf.Tensor, value: tf.Scalar | number, factor = 1): tf.Scalar {
  return tf.mul(x, typeof value === "number" ? value * factor : factor === 1 ? value : tf.mul(value, factor));
}
