import * as tf from "@tensorflow/tfjs-core";
import { GanymedeError } from "../errors/ganymede-error.js";

/**
 * Adds one feature that tells how much the images of a group differ: the standard deviation over the group, averaged over
 * positions and channels. x `[B, H, W, C]` to `[B, H, W, C + 1]`. Sample b belongs to group b mod (B / size).
 *
 * @param groupSize images per group, at most B.
 * Source: Karras et al. 2018, progressive GAN, arXiv 1710.10196, section 3; groups as in StyleGAN2.
 * @throws GanymedeError `invalid-argument` when the group size does not divide the batch.
 */
export function minibatchDeviation(x: tf.Tensor4D, groupSize: number): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const size = Math.min(batch, groupSize);
  if (batch % size !== 0) {
    throw new GanymedeError(
      "invalid-argument",
      `minibatchDeviation: the group size must divide the batch, got ${size} and ${batch}; choose another batch size`,
    );
  }
  const groups = tf.reshape(x, [size, batch / size, height * width * channels]);
  const variance = tf.mean(tf.square(tf.sub(groups, tf.mean(groups, 0, true))), 0); // [groups, H W C]
  const deviation = tf.mean(tf.sqrt(tf.add(variance, 1e-8)), 1); // [groups]
  const feature = tf.mul(tf.reshape(deviation, [1, batch / size, 1, 1, 1]), tf.ones([size, 1, height, width, 1]));
  return tf.concat4d([x, tf.reshape(feature, [batch, height, width, 1])], 3);
}
