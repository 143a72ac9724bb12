import * as tf from "@tensorflow/tfjs-core";
import { GanymedeError } from "../errors/ganymede-error.js";

/**
 * Average pooling over non-overlapping squares: x `[B, H, W, C]` to `[B, H / size, W / size, C]`. Implemented as reshape and mean, so
 * it is differentiable to any order.
 */
export function averagePool(x: tf.Tensor4D, size = 2): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  if (height % size !== 0 || width % size !== 0) {
    throw new GanymedeError(
      "invalid-argument",
      `averagePool: the size must divide height and width, got ${size} and ${height}x${width}`,
    );
  }
  const split = tf.reshape(x, [batch, height / size, size, width / size, size, channels]);
  return tf.mean(split, [2, 4]) as tf.Tensor4D;
}
