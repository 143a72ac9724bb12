import type { Component, DiscriminatorTerm, Scheduled, Side, TermInputs } from "@ganymede/core";
import { defineComponent } from "@ganymede/core";
import { oneOf, real, record, scheduled, whole } from "@ganymede/core/config";
import * as tf from "@tensorflow/tfjs-core";
import { times } from "../../optim/times.js";
import { squaredNorms } from "./squared-norms.js";

export interface R1Settings {
  /** The mean squared gradient norm is multiplied by gamma / 2. */
  readonly gamma: Scheduled;
  /** Steps between two applications. */
  readonly every: number;
  /** Where the gradient is taken: at the images, through the augmentation; or at the augmented images. */
  readonly at: "images" | "augmented";
}

const amount = real({ least: 0 });

/** gamma / 2 * mean_b |d sum D(x_b) / d x_b|^2 over real or generated images. */
function squaredGradient(side: Side, { gamma, every, at }: R1Settings, inputs: TermInputs): DiscriminatorTerm {
  const weight = inputs.schedule(gamma, `${inputs.where}: gamma`, amount);
  const site = at === "images" ? side : (`${side}/augmented` as const);
  return {
    every,
    needs: [],
    gradients: [site],
    apply: ({ gradient, progress }) => ({
      value: times(tf.mean(squaredNorms(gradient(site))), weight.at(progress), 1 / 2),
    }),
  };
}

const common: Pick<Component<R1Settings, TermInputs, DiscriminatorTerm>, "source" | "defaults" | "settings"> = {
  source: "https://arxiv.org/abs/1801.04406",
  defaults: { gamma: 1, every: 1, at: "images" },
  settings: record({ gamma: scheduled(amount), every: whole(1), at: oneOf("images", "augmented") }),
};

/**
 * R1: gamma / 2 * mean_b |d D(x_b) / d x_b|^2 over real images.
 *
 * Source: Mescheder, Geiger and Nowozin 2018, arXiv 1801.04406, equation 9; lazy form of StyleGAN2, arXiv 1912.04958, section 3.1.
 */
export const r1 = defineComponent<R1Settings, TermInputs, DiscriminatorTerm, object>({
  ...common,
  id: "r1",
  create: (settings, inputs) => squaredGradient("real", settings, inputs),
});

/**
 * R2: gamma / 2 * mean_b |d D(G(z_b)) / d G(z_b)|^2, the counterpart of R1 on generated images.
 *
 * Source: Mescheder, Geiger and Nowozin 2018, arXiv 1801.04406, equation 10.
 */
export const r2 = defineComponent<R1Settings, TermInputs, DiscriminatorTerm, object>({
  ...common,
  id: "r2",
  create: (settings, inputs) => squaredGradient("fake", settings, inputs),
});
