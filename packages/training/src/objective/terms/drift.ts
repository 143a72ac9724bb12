import type { Component, DiscriminatorTerm, TermInputs } from "@ganymede/core";
import { defineComponent } from "@ganymede/core";
import { real, record, whole } from "@ganymede/core/config";
import * as tf from "@tensorflow/tfjs-core";

/** weight * (mean D(x))^2. */
export function drift(logits: tf.Tensor, weight: number): tf.Scalar {
  return tf.mul(tf.square(tf.mean(logits)), weight);
}

const component: Component<{ weight: number; every: number }, TermInputs, DiscriminatorTerm> = {
  id: "drift",
  source: "https://arxiv.org/abs/2102.07074",
  defaults: { weight: 0.001, every: 1 },
  settings: record({ weight: real({ least: 0 }), every: whole(1) }),
  create: ({ weight, every }) => ({
    every,
    needs: [],
    apply: ({ logits }) => ({ value: drift(logits().real, weight) }),
  }),
};

/**
 * Keeps the critic's mean near zero: weight * (mean D(x))^2.
 *
 * Source: TransGAN's release (arXiv 2102.07074); ProGAN (arXiv 1710.10196, appendix A.1) uses the mean of squares instead.
 */
export const driftTerm = defineComponent(component);
