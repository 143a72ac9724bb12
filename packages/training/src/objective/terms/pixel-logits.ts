import type { AdversarialLoss, Component, DiscriminatorTerm, GeneratorTerm, TermInputs } from "@ganymede/core";
import { defineComponent } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import type { PixelLogits } from "../capabilities.js";

const flat = ({ pixels }: PixelLogits): tf.Tensor1D => tf.reshape(pixels, [-1]);
const half = (value: tf.Scalar): tf.Scalar => tf.mul(value, 0.5);

/** Half of the loss over all pixels; the other half is the loss of the images. */
export function pixelLoss(loss: AdversarialLoss) {
  return {
    discriminator: (real: PixelLogits, fake: PixelLogits) => half(loss.discriminator(flat(real), flat(fake))),
    generator: (fake: PixelLogits, real?: PixelLogits) => half(loss.generator(flat(fake), real && flat(real))),
  };
}

const common = { id: "pixel-logits", source: "https://arxiv.org/abs/2002.12655", defaults: {} };
const shared = { every: 1, needs: ["pixelLogits"], answers: "pixelLogits", lossWeight: 0.5 } as const;

const onDiscriminator: Component<object, TermInputs, DiscriminatorTerm> = {
  ...common,
  create: (_, { loss }) => ({
    ...shared,
    apply: ({ answers }) => ({
      value: pixelLoss(loss).discriminator(answers("pixelLogits", "real"), answers("pixelLogits", "fake")),
    }),
  }),
};

/**
 * Averages the losses of image and pixel logits: 0.5 * L(image logits) + 0.5 * L(pixel logits), with the mean over pixels.
 *
 * Source: Schönfeld, Schiele and Khoreva 2020, U-Net GAN, arXiv 2002.12655, equations 3 to 5, with the halves of the authors' code.
 */
export const pixelLogits = defineComponent(onDiscriminator);

const onGenerator: Component<object, TermInputs, GeneratorTerm> = {
  ...common,
  create: (_, { loss }) => ({
    ...shared,
    apply({ answers }) {
      const real = loss.generatorSeesReal === true ? answers("pixelLogits", "real") : undefined;
      return { value: pixelLoss(loss).generator(answers("pixelLogits", "fake"), real) };
    },
  }),
};

/** Pixel logits in the generator's loss; see `pixelLogits`. */
export const generatorPixelLogits = defineComponent(onGenerator);
