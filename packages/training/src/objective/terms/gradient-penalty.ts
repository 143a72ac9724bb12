import type { Component, DiscriminatorPass, DiscriminatorTerm, Scheduled, TermInputs } from "@ganymede/core";
import { defineComponent, differentiate, fold, uniform } from "@ganymede/core";
import { real, record, scheduled, whole } from "@ganymede/core/config";
import * as tf from "@tensorflow/tfjs-core";
import { times } from "../../optim/times.js";
import { normDeviation } from "./squared-norms.js";

export interface GradientPenaltySettings {
  readonly weight: Scheduled;
  /** Target norm of the gradients. */
  readonly target: number;
  /** Steps between two applications. */
  readonly every: number;
}

const amount = real({ least: 0 });

/** Points between real and fake images: u x + (1 - u) y, u `[B]` in [0, 1). */
export function interpolate(up: tf.Tensor4D, down: tf.Tensor4D, u: tf.Tensor1D): tf.Tensor4D {
  const share = tf.reshape(u, [-1, 1, 1, 1]);
  return tf.add(down, tf.mul(share, tf.sub(up, down)));
}

/** The term weight * mean_b (|d D(p) / d p| - target)^2 at points p, conditioned on the classes of the real images. */
export function penaltyAt(
  points: (pass: DiscriminatorPass) => tf.Tensor4D,
  id: string,
  { weight, target, every }: GradientPenaltySettings,
  inputs: TermInputs,
): DiscriminatorTerm {
  const weights = inputs.schedule(weight, `${inputs.where}: weight`, amount);
  return {
    every,
    needs: [],
    apply(pass) {
      const judge = (images: tf.Tensor4D) => pass.judge({ ...pass.real, images, draw: `term/${id}` });
      const { gradient } = differentiate(judge, points(pass));
      return { value: times(normDeviation(gradient, target), weights.at(pass.progress)) };
    },
  };
}

export const gradientPenaltySettings = { weight: scheduled(amount), target: amount, every: whole(1) };

const component: Component<GradientPenaltySettings, TermInputs, DiscriminatorTerm> = {
  id: "gradient-penalty",
  source: "https://arxiv.org/abs/1704.00028",
  defaults: { weight: 10, target: 1, every: 1 },
  settings: record(gradientPenaltySettings),
  create(settings, inputs) {
    const between = ({ real: up, fake, key }: DiscriminatorPass) =>
      interpolate(up.images, fake.images, uniform<tf.Rank.R1>(fold(key, "interpolation"), [up.images.shape[0]]));
    return penaltyAt(between, "gradient-penalty", settings, inputs);
  },
};

/**
 * WGAN-GP: weight * mean_b (|d D(x) / d x| - target)^2 at random points between real and fake images.
 *
 * Source: Gulrajani et al. 2017, arXiv 1704.00028, equation 3; targets other than 1 as in TransGAN's release.
 */
export const gradientPenalty = defineComponent(component);
