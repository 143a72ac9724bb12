import type { AdversarialLoss, PixelLogits } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

const flat = (pixels: tf.Tensor4D): tf.Tensor1D => tf.reshape(pixels, [-1]);

/**
 * A loss over images and, in equal parts, over their pixels: 0.5 * L(image logits) + 0.5 * L(pixel logits), pixels averaged.
 *
 * Source: Schönfeld, Schiele and Khoreva 2020, U-Net GAN, arXiv 2002.12655, equations 3 to 5, with the halves of the authors' code.
 */
export function pixelLoss(loss: AdversarialLoss): {
  discriminator(real: PixelLogits, fake: PixelLogits): tf.Scalar;
  generator(fake: PixelLogits, real?: PixelLogits): tf.Scalar;
} {
  const half = (image: tf.Scalar, pixels: tf.Scalar): tf.Scalar => tf.mul(tf.add(image, pixels), 0.5);
  return {
    discriminator: (real, fake) =>
      half(loss.discriminator(real.image, fake.image), loss.discriminator(flat(real.pixels), flat(fake.pixels))),
    generator: (fake, real) =>
      half(
        loss.generator(fake.image, real?.image),
        loss.generator(flat(fake.pixels), real === undefined ? undefined : flat(real.pixels)),
      ),
  };
}
