import type { Component, Context, GeneratorTerm, LabelledImages, NetworkParams, TermInputs } from "@ganymede/core";
import { defineComponent, fold } from "@ganymede/core";
import { real, record, whole } from "@ganymede/core/config";
import { averagePool } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

declare module "@ganymede/core" {
  interface Capabilities<Networks extends NetworkParams> {
    /** A generator that can start from a small image in place of noise, all later parameters shared. */
    readonly superResolution?: {
      /** Side of the small images; it divides that of the images. */
      readonly size: number;
      /** Images `[B, size, size, C]` to images `[B, H, W, C]`. */
      apply(params: Networks["generator"], small: tf.Tensor4D, context: Context): tf.Tensor4D;
    };
  }
}

const component: Component<{ weight: number; every: number }, TermInputs, GeneratorTerm> = {
  id: "super-resolution",
  source: "https://arxiv.org/abs/2102.07074v1",
  defaults: { weight: 50, every: 1 },
  settings: record({ weight: real({ least: 0 }), every: whole(1) }),
  create: ({ weight, every }, { model }) => ({
    every,
    needs: ["superResolution"],
    readsReal: true,
    apply({ real: given, weights, context, key }) {
      const { images, labels } = given as LabelledImages;
      const { size, apply } = model.superResolution as NonNullable<typeof model.superResolution>;
      const small = averagePool(images, images.shape[1] / size);
      const drawn = apply(weights, small, context(fold(key, "super-resolution"), labels));
      return { value: tf.mul(tf.mean(tf.square(tf.sub(drawn, images))), weight) };
    },
  }),
};

/**
 * Co-training by super-resolution: weight * mean (G_sr(small x) - x)^2, small x by averages of squares of pixels.
 *
 * Source: Jiang, Chang and Wang 2021, TransGAN, arXiv 2102.07074, version 1, section 3.3.
 */
export const superResolution = defineComponent(component);
