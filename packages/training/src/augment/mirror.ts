import * as tf from "@tensorflow/tfjs-core";

/** Flips samples horizontally where `mirrored` is 1: x `[B, H, W, C]`, mirrored `[B]` of 0 and 1. */
export function mirror(x: tf.Tensor4D, mirrored: tf.Tensor1D): tf.Tensor4D {
  const share = tf.reshape(tf.cast(mirrored, "float32"), [-1, 1, 1, 1]);
  return tf.add(tf.mul(x, tf.sub(1, share)), tf.mul(tf.reverse4d(x, 2), share));
}
