import type { Component, DiscriminatorTerm, TermInputs } from "@ganymede/core";
import { defineComponent } from "@ganymede/core";
import { real, record, whole } from "@ganymede/core/config";
import * as tf from "@tensorflow/tfjs-core";

export interface ConsistencySettings {
  /** Weight of the real images. */
  readonly real: number;
  /** Weight of the generated images; 0 for CR (arXiv 1910.12027). */
  readonly fake: number;
  readonly every: number;
}

/** Logits of the same images under two augmentations. */
export interface ConsistencyPair {
  readonly base: tf.Tensor;
  readonly augmented: tf.Tensor;
}

/** real * mean (D(x) - D(T x))^2 + fake * mean (D(G z) - D(T G z))^2; gradients flow through both sides. */
export function consistency(
  up: ConsistencyPair,
  down: ConsistencyPair,
  weights: { readonly real: number; readonly fake: number },
): tf.Scalar {
  const distance = ({ base, augmented }: ConsistencyPair) => tf.mean(tf.square(tf.sub(base, augmented)));
  return tf.add(tf.mul(distance(up), weights.real), tf.mul(distance(down), weights.fake));
}

const amount = real({ least: 0 });

const component: Component<ConsistencySettings, TermInputs, DiscriminatorTerm> = {
  id: "consistency",
  source: "https://arxiv.org/abs/2002.04724",
  defaults: { real: 10, fake: 10, every: 1 },
  settings: record({ real: amount, fake: amount, every: whole(1) }),
  create: ({ every, ...weights }) => ({
    every,
    needs: [],
    apply({ logits }) {
      const [base, again] = [logits(), logits("again")];
      const pair = (side: "real" | "fake") => ({ base: base[side], augmented: again[side] });
      return { value: consistency(pair("real"), pair("fake"), weights) };
    },
  }),
};

/**
 * Balanced consistency regularisation (bCR): penalises differences between logits of the same images under two draws of the augmentation.
 *
 * Source: Zhao et al. 2021, arXiv 2002.04724, algorithm 1. Differs from source: the images of the loss are augmented too.
 */
export const balancedConsistency = defineComponent(component);
