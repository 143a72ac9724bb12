import * as tf from "@tensorflow/tfjs-core";
import { interpolationMatrix, type Sampling } from "./interpolation.js";

/**
 * Bilinear resize of images `[B, H, W, C]` to `[B, height, width, C]` without antialiasing, as two matrix products: exact on
 * every backend, and a graph of a few nodes when compiled.
 */
export function resizeBilinear(images: tf.Tensor4D, height: number, width: number, sampling: Sampling): tf.Tensor4D {
  const [batch, rows, columns, channels] = images.shape;
  const down = tf.tensor2d(interpolationMatrix(rows, height, sampling), [height, rows]);
  const across = tf.tensor2d(interpolationMatrix(columns, width, sampling), [width, columns]);
  // Height first, so that the large result has its channels in front, the layout of an engine's first convolution.
  const maps = tf.reshape(tf.transpose(images, [0, 3, 1, 2]), [batch * channels, rows, columns]);
  const lengthened = tf.matMul(tf.expandDims(down, 0), maps);
  const lines = tf.reshape(lengthened, [batch * channels * height, columns]);
  const resized = tf.reshape(tf.matMul(lines, across, false, true), [batch, channels, height, width]);
  return tf.transpose(resized, [0, 2, 3, 1]) as tf.Tensor4D;
}
