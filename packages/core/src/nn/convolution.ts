import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../contracts/layer.js";
import { uniform } from "../random/draw.js";
import { fold } from "../random/key.js";
import type { ConvolutionParams, EqualizedConvolutionOptions } from "./equalized-convolution.js";

export type ConvolutionOptions = Omit<EqualizedConvolutionOptions, "gain">;

/**
 * Convolution: x `[B, H, W, inputs]` to `[B, H', W', outputs]`. Weights start uniform in +-sqrt(6 / (kernel^2 (inputs + outputs))), the
 * bias at 0. A kernel of 1 at stride 1 is a linear map of pixels: `linear` does it without a change of layout.
 *
 * Source: Glorot and Bengio 2010, section 4.2.1, for the initial values.
 */
export function convolution(options: ConvolutionOptions) {
  const { inputs, outputs, kernel, stride = 1, padding = "same", bias = true } = options;
  const limit = Math.sqrt(6 / (kernel ** 2 * (inputs + outputs)));
  return defineLayer<ConvolutionParams, tf.Tensor4D, tf.Tensor4D>({
    init: (key) => ({
      weight: uniform<tf.Rank.R4>(fold(key, "weight"), [kernel, kernel, inputs, outputs], -limit, limit),
      ...(bias ? { bias: tf.zeros([outputs]) as tf.Tensor1D } : {}),
    }),
    apply(params, x) {
      const y = tf.conv2d(x, params.weight, stride, padding);
      return params.bias === undefined ? y : tf.add(y, params.bias);
    },
  });
}
