import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../contracts/layer.js";
import { blurDown, blurForHalving } from "../ops/resample.js";
import { fold } from "../random/key.js";
import type { ConvolutionParams } from "./equalized-convolution.js";
import { equalizedConvolution } from "./equalized-convolution.js";

export interface ResidualHalvingOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Taps of the blur before each halving; an even number of them. */
  readonly taps: readonly number[];
  /** Whether a shortcut is added; true where left out. */
  readonly shortcut?: boolean;
}

export type ResidualHalvingParams = {
  readonly first: ConvolutionParams;
  readonly second: ConvolutionParams;
  readonly skip?: ConvolutionParams;
};

/**
 * A block of StyleGAN2's discriminator, which halves the map: conv 3x3, blur and strided conv 3x3; with the shortcut, plus a smooth
 * halving and conv 1x1, over sqrt(2). x `[B, H, W, inputs]` to `[B, H / 2, W / 2, outputs]`.
 *
 * Source: Karras et al. 2020, StyleGAN2, arXiv 1912.04958, figure 7c.
 */
export function residualHalving({ inputs, outputs, taps, shortcut = true }: ResidualHalvingOptions) {
  const strided = { inputs, outputs, kernel: 3, stride: 2, padding: "valid" } as const;
  const first = equalizedConvolution({ inputs, outputs: inputs, kernel: 3, gain: Math.SQRT2 });
  // The activations' sqrt(2) and the sum's 1 / sqrt(2) are the convolutions' gains.
  const second = equalizedConvolution({ ...strided, gain: shortcut ? 1 : Math.SQRT2 });
  const skip = shortcut
    ? equalizedConvolution({ inputs, outputs, kernel: 1, bias: false, gain: Math.SQRT1_2 })
    : undefined;
  return defineLayer<ResidualHalvingParams, tf.Tensor4D, tf.Tensor4D>({
    init: (key) => ({
      first: first.init(fold(key, "first")),
      second: second.init(fold(key, "second")),
      ...(skip === undefined ? {} : { skip: skip.init(fold(key, "skip")) }),
    }),
    apply(params, x) {
      const straight = tf.leakyRelu(first.apply(params.first, x), 0.2);
      const halved = tf.leakyRelu(second.apply(params.second, blurForHalving(straight, taps, 3)), 0.2);
      if (skip === undefined || params.skip === undefined) return halved;
      return tf.add(halved, skip.apply(params.skip, blurDown(x, taps)));
    },
  });
}
