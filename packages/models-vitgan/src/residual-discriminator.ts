import type { Context } from "@ganymede/core";
import { defineLayer, expectShape, fold } from "@ganymede/core";
import {
  equalizedConvolution,
  equalizedLinear,
  minibatchStdDev,
  residualHalving,
  scaledLeakyRelu,
} from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { initClasses, projected } from "./class-projection.js";
import type { ResidualDiscriminatorConfig } from "./config.js";

/**
 * StyleGAN2's residual discriminator, as the release of ViTGAN uses it.
 *
 * Shapes: images `[B, H, W, C]` in [-1, 1] to logits `[B]`.
 * Source: Karras et al. 2020, arXiv 1912.04958; widths of mlpc-ucsd/ViTGAN, `models/gan/stylegan2/discriminator.py`.
 * Differs from source: the two projection heads, which no loss uses, are left out.
 *
 * @param classes that images are judged by, through a projection that the release does not have; 0 for none.
 */
export function createResidualDiscriminator(
  imageShape: readonly [number, number, number],
  { channels, finalChannels, minibatchStdDev: stdDev, blurTaps }: ResidualDiscriminatorConfig,
  classes = 0,
) {
  const [imageSize, , imageChannels] = imageShape;
  const side = imageSize / 2 ** (channels.length - 1);
  const widest = channels.at(-1) as number;
  const entry = equalizedConvolution({
    inputs: imageChannels,
    outputs: channels[0] as number,
    kernel: 1,
    gain: Math.SQRT2,
  });
  const blocks = channels
    .slice(1)
    .map((outputs, index) => residualHalving({ inputs: channels[index] as number, outputs, taps: blurTaps }));
  const exit = equalizedConvolution({ inputs: widest + stdDev.features, outputs: finalChannels, kernel: 3 });
  const hidden = equalizedLinear({ inputs: finalChannels * side * side, outputs: finalChannels });
  const head = equalizedLinear({ inputs: finalChannels, outputs: 1 });
  return defineLayer({
    init: (key) => ({
      entry: entry.init(fold(key, "entry")),
      blocks: blocks.map((block, index) => block.init(fold(fold(key, "blocks"), index))),
      exit: exit.init(fold(key, "exit")),
      hidden: hidden.init(fold(key, "hidden")),
      head: head.init(fold(key, "head")),
      ...initClasses(key, classes, finalChannels, 0.02),
    }),
    apply(params, images: tf.Tensor4D, context: Context): tf.Tensor1D {
      expectShape(images, ["B", ...imageShape], "residual discriminator input");
      const [batch] = images.shape;
      const start = tf.leakyRelu(entry.apply(params.entry, images, context), 0.2);
      const features = blocks.reduce(
        (x, block, index) => block.apply(params.blocks[index] as (typeof params.blocks)[number], x, context),
        start,
      ); // [B, side, side, widest]
      const last = scaledLeakyRelu(exit.apply(params.exit, minibatchStdDev(features, stdDev), context));
      const flat = tf.reshape(last, [batch, side * side * finalChannels]);
      const judged = scaledLeakyRelu(hidden.apply(params.hidden, flat, context));
      const logits = tf.reshape(head.apply(params.head, judged, context), [batch]) as tf.Tensor1D;
      return projected(logits, judged as tf.Tensor2D, params, context);
    },
  });
}
