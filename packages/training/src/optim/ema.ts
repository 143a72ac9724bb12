import type { ParamTree } from "@ganymede/core";
import { mapLeaves } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

export interface MovingAverageOptions {
  /** Images after which an old value's weight has halved. */
  readonly halfLifeImages: number | tf.Scalar;
  /** Caps the half-life at this fraction of the images seen, so that early values fade quickly; 0 for no cap. */
  readonly rampUp: number;
  /** The average equals the parameters until this many images. Default: 0. */
  readonly startImages?: number;
  /** Images per step. */
  readonly batch: number;
}

/**
 * Decay of one step: 0.5^(batch / halfLife) with halfLife = min(halfLifeImages, imagesSeen * rampUp); 0 at the first step of a
 * ramp-up, so that the average equals the parameters.
 *
 * @param imagesSeen images before this step, a tensor of any shape.
 * Source: Karras et al. 2020, StyleGAN2-ADA, arXiv 2006.06676, appendix.
 */
export function averageDecay(options: MovingAverageOptions, imagesSeen: tf.Tensor): tf.Tensor {
  const { halfLifeImages, rampUp, startImages = 0, batch } = options;
  const longest = tf.mul(tf.onesLike(imagesSeen), halfLifeImages);
  const halfLife = rampUp === 0 ? longest : tf.minimum(tf.mul(imagesSeen, rampUp), longest);
  const decay = tf.exp(tf.div(Math.log(0.5) * batch, tf.maximum(halfLife, 1e-8)));
  if (startImages === 0) return decay;
  return tf.mul(decay, tf.cast(tf.greaterEqual(imagesSeen, startImages), "float32"));
}

/** average = params + decay * (average - params), leaf by leaf. */
export function updateAverage<Tree extends ParamTree>(average: Tree, params: Tree, decay: tf.Tensor | number): Tree {
  return mapLeaves(
    average,
    (old, _, current) => tf.add(current as tf.Tensor, tf.mul(tf.sub(old, current as tf.Tensor), decay)),
    params,
  );
}
