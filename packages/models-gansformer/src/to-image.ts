import { defineLayer, fold } from "@ganymede/core";
import type { LinearParams } from "@ganymede/core/nn";
import { equalizedLinear, modulatedLinear } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

export interface ToImageOptions {
  readonly inputs: number;
  /** Channels of the image. */
  readonly channels: number;
  readonly latentWidth: number;
  /** Whether the global latent modulates it. */
  readonly style: boolean;
}

export interface ToImageInput {
  readonly x: tf.Tensor4D;
  /** `[B, d]`. */
  readonly global?: tf.Tensor2D | undefined;
}

export type ToImageParams = {
  readonly weight: tf.Tensor2D;
  readonly style?: LinearParams;
  readonly bias: tf.Tensor1D;
};

/**
 * A map's colours: a linear map of each pixel, modulated without demodulation. x `[B, H, W, inputs]` to `[B, H, W, channels]`.
 *
 * Source: Karras et al. 2020, StyleGAN2, arXiv 1912.04958, section 2.2 (`tRGB`).
 */
export function toImage({ inputs, channels, latentWidth, style }: ToImageOptions) {
  const modulated = modulatedLinear({ inputs, outputs: channels, styleWidth: latentWidth, demodulate: false });
  const plain = equalizedLinear({ inputs, outputs: channels, bias: false });
  return defineLayer<ToImageParams, ToImageInput, tf.Tensor4D>({
    init: (key) => ({
      ...(style ? modulated.init(fold(key, "map")) : { weight: plain.init(fold(key, "map")).weight }),
      bias: tf.zeros([channels]) as tf.Tensor1D,
    }),
    apply(params, { x, global }, context) {
      const [batch, height, width] = x.shape;
      const pixels = tf.reshape(x, [batch, height * width, inputs]) as tf.Tensor3D;
      const colours =
        params.style === undefined || global === undefined
          ? plain.apply({ weight: params.weight }, pixels, context)
          : modulated.apply({ weight: params.weight, style: params.style }, { x: pixels, style: global }, context);
      return tf.reshape(tf.add(colours, params.bias), [batch, height, width, channels]);
    },
  });
}
