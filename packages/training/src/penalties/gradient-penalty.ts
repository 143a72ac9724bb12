import type { Penalty } from "@ganymede/core";
import { differentiate, fold, uniform } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { squaredNorms } from "./r1.js";

export interface GradientPenaltyOptions {
  /** 10 in the paper. */
  readonly weight: number;
  /** The norm that gradients are drawn to; 1 where left out. */
  readonly target?: number;
  /** Steps between two applications; the penalty is multiplied by it. 1 where left out. */
  readonly every?: number;
}

/** Points between real and fake images: u x + (1 - u) y, u `[B]` in [0, 1). */
export function interpolate(real: tf.Tensor4D, fake: tf.Tensor4D, u: tf.Tensor1D): tf.Tensor4D {
  const share = tf.reshape(u, [-1, 1, 1, 1]);
  return tf.add(fake, tf.mul(share, tf.sub(real, fake)));
}

/** mean_b (|gradient_b| - target)^2; 1e-12 under the root keeps its derivative finite where a gradient vanishes. */
export function normDeviation(gradient: tf.Tensor, target: number): tf.Scalar {
  const norms = tf.sqrt(tf.add(squaredNorms(gradient), 1e-12));
  return tf.mean(tf.square(tf.sub(norms, target)));
}

/**
 * WGAN-GP: weight * mean_b (|d D(x) / d x| - target)^2 at random points between real and fake images.
 *
 * Source: Gulrajani et al. 2017, arXiv 1704.00028, equation 3; target other than 1 as in TransGAN's release.
 */
export function gradientPenalty({ weight, target = 1, every = 1 }: GradientPenaltyOptions): Penalty {
  return {
    id: "gradient-penalty",
    source: "https://arxiv.org/abs/1704.00028",
    every,
    apply({ real, fake, discriminate, key }) {
      const u = uniform<tf.Rank.R1>(fold(key, "interpolation"), [real.shape[0]]);
      const { gradient } = differentiate(discriminate, interpolate(real, fake, u));
      return tf.mul(normDeviation(gradient, target), weight * every);
    },
  };
}
