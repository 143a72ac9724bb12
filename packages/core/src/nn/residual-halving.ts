import * as tf from "@tensorflow/tfjs-core";
import { blurDown, blurForHalving } from "../ops/resample.js";
import { compose } from "./compose.js";
import { equalizedConvolution } from "./equalized-convolution.js";

/** Sizes, blur and shortcut of `residualHalving`. */
export interface ResidualHalvingOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Taps of the blur before each downsampling; an even number. */
  readonly taps: readonly number[];
  /** Whether to add the skip connection. Default: true. */
  readonly shortcut?: boolean;
}

/**
 * Block of StyleGAN2's discriminator, which halves the resolution: conv 3x3, blur and strided conv 3x3; with the skip connection, plus blur,
 * downsampling and conv 1x1, divided by sqrt(2). Shape: x `[B, H, W, inputs]` to `[B, H / 2, W / 2, outputs]`.
 *
 * Source: Karras et al. 2020, StyleGAN2, arXiv 1912.04958, figure 7c.
 */
export function residualHalving({ inputs, outputs, taps, shortcut = true }: ResidualHalvingOptions) {
  const strided = { inputs, outputs, kernel: 3, stride: 2, padding: "valid" } as const;
  const first = equalizedConvolution({ inputs, outputs: inputs, kernel: 3, gain: Math.SQRT2 });
  // The activations' sqrt(2) and the sum's 1 / sqrt(2) are folded into the gains of the convolutions.
  const second = equalizedConvolution({ ...strided, gain: shortcut ? 1 : Math.SQRT2 });
  const skip = shortcut
    ? equalizedConvolution({ inputs, outputs, kernel: 1, bias: false, gain: Math.SQRT1_2 })
    : undefined;
  return compose({ first, second, skip }, (part, x: tf.Tensor4D): tf.Tensor4D => {
    const straight = tf.leakyRelu(part.first(x), 0.2);
    const halved = tf.leakyRelu(part.second(blurForHalving(straight, taps, 3)), 0.2);
    return part.skip === undefined ? halved : tf.add(halved, part.skip(blurDown(x, taps)));
  });
}
