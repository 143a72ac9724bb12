import * as tf from "@tensorflow/tfjs-core";

/**
 * Nearest-neighbour upsampling: x `[B, H, W, C]` to `[B, H factor, W factor, C]`. Implemented as reshape and a product
 * with ones, so it is differentiable to any order.
 */
export function upsample(x: tf.Tensor4D, factor = 2): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const apart = tf.reshape(x, [batch, height, 1, width, 1, channels]);
  const repeated = tf.mul(apart, tf.ones([1, 1, factor, 1, factor, 1]));
  return tf.reshape(repeated, [batch, height * factor, width * factor, channels]);
}
