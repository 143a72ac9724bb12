import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../contracts/layer.js";
import { normal } from "../random/draw.js";
import { fold } from "../random/key.js";

/** Sizes, stride, padding and gain of `equalizedConvolution`. */
export interface EqualizedConvolutionOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Side of the square kernel. */
  readonly kernel: number;
  /** Default: 1. */
  readonly stride?: number;
  /** `same` keeps the size at stride 1; `valid` does not pad. Default: `same`. */
  readonly padding?: "same" | "valid";
  /** Default: true. */
  readonly bias?: boolean;
  /**
   * Factor of the result, including the bias. Default: 1. It is applied to the weights, which is cheaper than to a map: leaky ReLU
   * commutes with positive factors.
   */
  readonly gain?: number;
}

/** Parameters of a convolution. */
export type ConvolutionParams = {
  /** `[kernel, kernel, inputs, outputs]`. */
  readonly weight: tf.Tensor4D;
  readonly bias?: tf.Tensor1D;
};

/**
 * Convolution with equalised learning rate: weights drawn from N(0, 1) and used as gain W / sqrt(kernel^2 inputs); initial bias 0.
 * Shape: x `[B, H, W, inputs]` to `[B, H', W', outputs]`.
 *
 * Source: Karras et al. 2018, progressive GAN, arXiv 1710.10196, section 4.1.
 */
export function equalizedConvolution(options: EqualizedConvolutionOptions) {
  const { inputs, outputs, kernel, stride = 1, padding = "same", bias = true, gain = 1 } = options;
  const scale = gain / Math.sqrt(kernel ** 2 * inputs);
  return defineLayer<ConvolutionParams, tf.Tensor4D, tf.Tensor4D>({
    init: (key) => ({
      weight: normal<tf.Rank.R4>(fold(key, "weight"), [kernel, kernel, inputs, outputs]),
      ...(bias ? { bias: tf.zeros([outputs]) as tf.Tensor1D } : {}),
    }),
    apply(params, x) {
      const y = tf.conv2d(x, tf.mul(params.weight, scale), stride, padding);
      if (params.bias === undefined) return y;
      return tf.add(y, gain === 1 ? params.bias : tf.mul(params.bias, gain));
    },
  });
}
