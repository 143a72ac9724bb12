import * as tf from "@tensorflow/tfjs-core";

/** 1 where the condition holds, else 0; a constant for differentiation. */
export function indicator(condition: tf.Tensor): tf.Tensor {
  return tf.cast(condition, "float32");
}
