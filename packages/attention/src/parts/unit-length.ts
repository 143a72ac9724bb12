import * as tf from "@tensorflow/tfjs-core";

/** x / max(|x|, 1e-12) over the last axis; zeros stay zeros, with a finite derivative. */
export function unitLength<T extends tf.Tensor>(x: T): T {
  return tf.mul(x, tf.rsqrt(tf.maximum(tf.sum(tf.square(x), -1, true), 1e-24))) as T;
}
