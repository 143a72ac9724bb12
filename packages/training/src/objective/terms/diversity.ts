import type { Component, DiscriminatorTerm, TermInputs } from "@ganymede/core";
import { defineComponent, GanymedeError } from "@ganymede/core";
import { real, record, whole } from "@ganymede/core/config";
import * as tf from "@tensorflow/tfjs-core";
import "../capabilities.js";

/**
 * Mean cosine between the maps of different queries, over pairs and images: with u_q = a_q / |a_q| it is
 * mean_b (|sum_q u_q|^2 - m) / (m (m - 1)). 1 if all queries attend to the same positions, 0 if no two overlap.
 * Shape: non-negative weights `[B, m, N]` to a scalar.
 *
 * @throws GanymedeError `unsupported` for fewer than two queries.
 */
export function meanCosine(weights: tf.Tensor3D): tf.Scalar {
  const [, count] = weights.shape;
  if (count < 2) {
    throw new GanymedeError(
      "unsupported",
      `diversity: the discriminator must have at least 2 queries, got ${count}; add some`,
    );
  }
  const lengths = tf.sum(tf.square(weights), 2, true); // [B, m, 1]
  const directions = tf.mul(weights, tf.rsqrt(tf.add(lengths, 1e-12)));
  const whole = tf.sum(tf.square(tf.sum(directions, 1)), 1); // [B], m where no two overlap
  return tf.div(tf.sub(tf.mean(whole), count), count * (count - 1));
}

const component: Component<{ weight: number; every: number }, TermInputs, DiscriminatorTerm> = {
  id: "diversity",
  source: "https://arxiv.org/abs/2005.12872",
  defaults: { weight: 0.01, every: 1 },
  settings: record({ weight: real({ least: 0 }), every: whole(1) }),
  create: ({ weight, every }, { model }) => ({
    every,
    needs: ["queries"],
    apply({ judgeBy, real: up, fake: down }) {
      const queries = model.queries as NonNullable<typeof model.queries>;
      const maps = [judgeBy(queries, { ...up, draw: "real" }), judgeBy(queries, { ...down, draw: "fake" })];
      return { value: tf.mul(meanCosine(tf.concat(maps, 0) as tf.Tensor3D), weight) };
    },
  }),
};

/**
 * Discourages the learned queries of a discriminator from attending to the same positions: weight * mean cosine between their maps, on real
 * and on generated images.
 *
 * Source: our own, for the queries of Carion et al. 2020, DETR, arXiv 2005.12872.
 */
export const diversity = defineComponent(component);
