import * as tf from "@tensorflow/tfjs-core";

/** mask * a + (1 - mask) * b. */
export function mix<Tensor extends tf.Tensor>(mask: tf.Tensor, a: Tensor, b: Tensor): Tensor {
  return tf.add(b, tf.mul(mask, tf.sub(a, b)));
}
