import * as tf from "@tensorflow/tfjs-core";
import { GanymedeError } from "../errors/ganymede-error.js";

/** Group size and number of features of `minibatchStdDev`. */
export interface MinibatchStdDevOptions {
  /** Images per group; a smaller batch is one group. It must divide the batch. */
  readonly groupSize: number;
  /** Number F of appended features; it must divide the channels. Default: 1. */
  readonly features?: number;
}

/**
 * Minibatch standard deviation: appends F features that measure the variation within a group of images. Feature f is the standard
 * deviation over the group, averaged over positions and over the f-th of F contiguous groups of channels.
 *
 * Shapes: x `[B, H, W, C]` to `[B, H, W, C + F]`. Sample b belongs to group b mod (B / groupSize).
 * Source: Karras et al. 2018, progressive GAN, arXiv 1710.10196, section 3; groups and features as in StyleGAN2.
 * @throws GanymedeError `invalid-argument` if the group size does not divide the batch or the features do not divide the channels.
 */
export function minibatchStdDev(x: tf.Tensor4D, { groupSize, features = 1 }: MinibatchStdDevOptions): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const size = Math.min(batch, groupSize);
  if (batch % size !== 0) {
    throw new GanymedeError(
      "invalid-argument",
      `minibatchStdDev: the group size must divide the batch, got ${size} and ${batch}; choose another batch size`,
    );
  }
  if (channels % features !== 0) {
    throw new GanymedeError(
      "invalid-argument",
      `minibatchStdDev: the features must divide the channels, got ${features} and ${channels}; choose another number of features`,
    );
  }
  const count = batch / size;
  const groups = tf.reshape(x, [size, count, height * width * channels]);
  const variance = tf.mean(tf.square(tf.sub(groups, tf.mean(groups, 0, true))), 0); // [groups, H W C]
  const deviations = tf.reshape(tf.sqrt(tf.add(variance, 1e-8)), [
    count,
    height * width,
    features,
    channels / features,
  ]);
  const means = tf.reshape(tf.mean(tf.mean(deviations, 3), 1), [1, count, 1, 1, features]);
  const spread = tf.mul(means, tf.ones([size, 1, height, width, 1]));
  return tf.concat4d([x, tf.reshape(spread, [batch, height, width, features])], 3);
}
