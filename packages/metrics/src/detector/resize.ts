import * as tf from "@tensorflow/tfjs-core";
import { interpolationMatrix, type Sampling } from "./interpolation.js";

/**
 * Bilinear resize of images `[B, H, W, C]` to `[B, height, width, C]` without antialiasing, as two matrix products: exact in
 * every backend, and one graph of a few nodes where it is compiled.
 */
export function resizeBilinear(images: tf.Tensor4D, height: number, width: number, sampling: Sampling): tf.Tensor4D {
  const [batch, rows, columns, channels] = images.shape;
  const down = tf.tensor2d(interpolationMatrix(rows, height, sampling), [height, rows]);
  const across = tf.tensor2d(interpolationMatrix(columns, width, sampling), [width, columns]);
  // The contracted axis goes last, first the width and then the height.
  const lines = tf.reshape(tf.transpose(images, [0, 3, 1, 2]), [batch * channels * rows, columns]);
  const widened = tf.reshape(tf.matMul(lines, across, false, true), [batch * channels, rows, width]);
  const uprights = tf.reshape(tf.transpose(widened, [0, 2, 1]), [batch * channels * width, rows]);
  const resized = tf.reshape(tf.matMul(uprights, down, false, true), [batch, channels, width, height]);
  return tf.transpose(resized, [0, 3, 2, 1]) as tf.Tensor4D;
}
