import type { Component, DiscriminatorPass, DiscriminatorTerm, TermInputs } from "@ganymede/core";
import { defineComponent, fold, uniform } from "@ganymede/core";
import { real, record } from "@ganymede/core/config";
import * as tf from "@tensorflow/tfjs-core";
import type { GradientPenaltySettings } from "./gradient-penalty.js";
import { gradientPenaltySettings, penaltyAt } from "./gradient-penalty.js";

export interface DraganSettings extends GradientPenaltySettings {
  /** Size of the noise in standard deviations of the batch. */
  readonly noise: number;
}

/** x + noise * std(x) * u, u uniform in [0, 1) of the shape of x; std is taken over all values of the batch. */
export function perturb(images: tf.Tensor4D, u: tf.Tensor4D, noise: number): tf.Tensor4D {
  const deviation = tf.sqrt(tf.moments(images).variance);
  return tf.add(images, tf.mul(u, tf.mul(deviation, noise)));
}

const component: Component<DraganSettings, TermInputs, DiscriminatorTerm> = {
  id: "dragan",
  source: "https://arxiv.org/abs/1705.07215",
  defaults: { weight: 10, target: 1, every: 1, noise: 0.5 },
  settings: record({ ...gradientPenaltySettings, noise: real({ least: 0 }) }),
  create({ noise, ...settings }, inputs) {
    const around = ({ real: { images }, key }: DiscriminatorPass) =>
      perturb(images, uniform<tf.Rank.R4>(fold(key, "perturbation"), images.shape), noise);
    return penaltyAt(around, "dragan", settings, inputs);
  },
};

/**
 * DRAGAN: weight * mean_b (|d D(p) / d p| - target)^2 at points p around real images.
 *
 * Source: Kodali et al. 2017, arXiv 1705.07215, section 2.4; noise as in the authors' code.
 */
export const dragan = defineComponent(component);
