import * as tf from "@tensorflow/tfjs-core";

function perSample(r: tf.Tensor1D): tf.Tensor4D {
  return tf.reshape(r, [-1, 1, 1, 1]);
}

/** x + (r - 0.5): images `[B, H, W, C]`, r `[B]` in [0, 1); 0.5 is the identity. */
export function brightness(x: tf.Tensor4D, r: tf.Tensor1D): tf.Tensor4D {
  return tf.add(x, perSample(tf.sub(r, 0.5)));
}

/** m + 2 r (x - m) with m the mean over channels of each pixel; r = 0.5 is the identity. */
export function saturation(x: tf.Tensor4D, r: tf.Tensor1D): tf.Tensor4D {
  const grey = tf.mean(x, 3, true);
  return tf.add(tf.mul(tf.sub(x, grey), perSample(tf.mul(r, 2))), grey);
}

/** m + (r + 0.5)(x - m) with m the mean over each image; r = 0.5 is the identity. */
export function contrast(x: tf.Tensor4D, r: tf.Tensor1D): tf.Tensor4D {
  const level = tf.mean(x, [1, 2, 3], true);
  return tf.add(tf.mul(tf.sub(x, level), perSample(tf.add(r, 0.5))), level);
}
