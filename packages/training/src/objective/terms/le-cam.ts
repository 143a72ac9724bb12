import type { Component, DiscriminatorTerm, Scheduled, TermInputs } from "@ganymede/core";
import { defineComponent } from "@ganymede/core";
import { real, record, scheduled, whole } from "@ganymede/core/config";
import * as tf from "@tensorflow/tfjs-core";
import { times } from "../../optim/times.js";

export interface LeCamSettings {
  readonly weight: Scheduled;
  /** Decay of the moving averages of logits, in [0, 1). */
  readonly decay: number;
  readonly every: number;
}

/** Decayed sums of mean logits, and the sum of their weights for bias correction. */
type Memory = { readonly real: tf.Scalar; readonly fake: tf.Scalar; readonly total: tf.Scalar };

/** mean (real - anchorOfFake)^2 + mean (fake - anchorOfReal)^2. Shapes: logits of any shape, anchors scalars. */
export function leCamDistance(up: tf.Tensor, down: tf.Tensor, anchorOfReal: tf.Tensor, anchorOfFake: tf.Tensor) {
  const to = (logits: tf.Tensor, anchor: tf.Tensor) => tf.mean(tf.square(tf.sub(logits, anchor)));
  return tf.add(to(up, anchorOfFake), to(down, anchorOfReal)) as tf.Scalar;
}

const amount = real({ least: 0 });

const component: Component<LeCamSettings, TermInputs, DiscriminatorTerm<Memory>> = {
  id: "le-cam",
  source: "https://arxiv.org/abs/2104.03310",
  defaults: { weight: 0.3, decay: 0.99, every: 1 },
  settings: record({ weight: scheduled(amount), decay: real({ least: 0, below: 1 }), every: whole(1) }),
  create({ weight, decay, every }, { schedule, where }) {
    const weights = schedule(weight, `${where}: weight`, amount);
    return {
      every,
      needs: [],
      init: () => ({ real: tf.scalar(0), fake: tf.scalar(0), total: tf.scalar(0) }),
      apply({ logits, progress }, { real: sumOfReal, fake: sumOfFake, total }) {
        const { real: up, fake: down } = logits();
        // The anchors come from earlier updates and are constants here; before the first update there are none.
        const known = tf.cast(tf.greater(total, 0), "float32");
        const anchor = (sum: tf.Scalar) => tf.div(sum, tf.maximum(total, 1e-8));
        const distance = leCamDistance(up, down, anchor(sumOfReal), anchor(sumOfFake));
        const next = (sum: tf.Tensor, mean: tf.Tensor | number) =>
          tf.add(tf.mul(sum, decay), tf.mul(mean, 1 - decay)) as tf.Scalar;
        return {
          value: times(tf.mul(distance, known), weights.at(progress)),
          memory: { real: next(sumOfReal, tf.mean(up)), fake: next(sumOfFake, tf.mean(down)), total: next(total, 1) },
        };
      },
    };
  },
};

/**
 * LeCam regularisation: weight * (mean (D(x) - a_F)^2 + mean (D(G(z)) - a_R)^2), with a_R and a_F the moving averages of the logits of
 * real and generated images in earlier updates. For small data sets.
 *
 * Source: Tseng et al. 2021, arXiv 2104.03310, equations 6 and 7. The averages are bias-corrected like Adam's.
 */
export const leCam = defineComponent(component);
