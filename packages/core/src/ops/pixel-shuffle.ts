import * as tf from "@tensorflow/tfjs-core";
import { GanymedeError } from "../errors/ganymede-error.js";

/**
 * Pixel shuffle (depth to space): x `[B, H, W, C r r]` to `[B, H r, W r, C]`, y[b, h r + i, w r + j, c] = x[b, h, w, c r r + i r + j].
 * Implemented as reshape and transpose, so it is differentiable to any order.
 *
 * Source: Shi et al. 2016, arXiv 1609.05158, section 3.2; channel order as in PyTorch.
 */
export function pixelShuffle(x: tf.Tensor4D, factor: number): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const outputs = channels / factor ** 2;
  if (!Number.isInteger(outputs)) {
    throw new GanymedeError(
      "invalid-argument",
      `pixelShuffle: the square of the factor must divide the channels, got ${factor} and ${channels}`,
    );
  }
  const split = tf.reshape(x, [batch, height, width, outputs, factor, factor]); // [B, H, W, C, r, r]
  const moved = tf.transpose(split, [0, 1, 4, 2, 5, 3]); // [B, H, r, W, r, C]
  return tf.reshape(moved, [batch, height * factor, width * factor, outputs]);
}
