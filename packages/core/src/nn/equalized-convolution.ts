import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../contracts/layer.js";
import { normal } from "../random/draw.js";
import { fold } from "../random/key.js";

export interface EqualizedConvolutionOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Side of the square kernel. */
  readonly kernel: number;
  /** 1 where left out. */
  readonly stride?: number;
  /** `same` keeps the size at stride 1; `valid` adds no zeros. `same` where left out. */
  readonly padding?: "same" | "valid";
  /** True where left out. */
  readonly bias?: boolean;
  /**
   * Factor on the result, bias and all; 1 where left out. What would be a pass over a whole map costs one over the weights: leaky
   * ReLU of a times x is a times leaky ReLU of x.
   */
  readonly gain?: number;
}

export type ConvolutionParams = {
  /** `[kernel, kernel, inputs, outputs]`. */
  readonly weight: tf.Tensor4D;
  readonly bias?: tf.Tensor1D;
};

/**
 * Convolution with equalised learning rate: weights from N(0, 1), used as gain W / sqrt(kernel^2 inputs); the bias starts at 0.
 * x `[B, H, W, inputs]` to `[B, H', W', outputs]`.
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
