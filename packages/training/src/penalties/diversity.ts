import type { Penalty } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

export interface DiversityOptions {
  /** 0.01 is a start. */
  readonly weight: number;
  /** Steps between two applications; the penalty is multiplied by it. 1 where left out. */
  readonly every?: number;
}

/**
 * Mean cosine of the angles between the maps of different queries, over pairs and images: with u_q = a_q / |a_q| it is
 * mean_b (|sum_q u_q|^2 - m) / (m (m - 1)). 1 where all queries look at the same places, 0 where no two share one.
 * Shapes: weights `[B, m, N]`, not negative, to a scalar.
 *
 * @throws GanymedeError `unsupported` for fewer than two queries.
 */
export function meanCosine(weights: tf.Tensor3D): tf.Scalar {
  const [, count] = weights.shape;
  if (count < 2) {
    throw new GanymedeError("unsupported", `diversity: there must be two queries or more, got ${count}; add some`);
  }
  const lengths = tf.sum(tf.square(weights), 2, true); // [B, m, 1]
  const directions = tf.mul(weights, tf.rsqrt(tf.add(lengths, 1e-12)));
  const whole = tf.sum(tf.square(tf.sum(directions, 1)), 1); // [B], m where no two overlap
  return tf.div(tf.sub(tf.mean(whole), count), count * (count - 1));
}

/**
 * Keeps the learned queries of a discriminator from looking at the same places: weight * the mean cosine between their maps, on real and
 * on generated images.
 *
 * Source: our own, for the queries of Carion et al. 2020, DETR, arXiv 2005.12872.
 */
export function diversity({ weight, every = 1 }: DiversityOptions): Penalty {
  return {
    id: "diversity",
    source: "https://arxiv.org/abs/2005.12872",
    every,
    readsQueries: true,
    apply: ({ queries }) => tf.mul(meanCosine(queries()), weight * every),
  };
}
