import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../contracts/layer.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import { convolveThenAverage, doubleThenConvolve } from "../ops/folded-convolution.js";
import { uniform } from "../random/draw.js";
import { fold } from "../random/key.js";
import type { ConvolutionParams, EqualizedConvolutionOptions } from "./equalized-convolution.js";

/** Sizes, stride, padding and resizing of `convolution`. */
export type ConvolutionOptions = Omit<EqualizedConvolutionOptions, "gain"> & {
  /**
   * For a 3x3 kernel at stride 1 with `same` padding: upsamples by 2 (nearest neighbour) before the convolution, or averages 2x2 pixels
   * after it. Both are folded into the filters, which takes less than half the work.
   */
  readonly resize?: "double-before" | "average-after";
};

/** The convolution without bias. */
function convolveWith({ kernel, stride = 1, padding = "same", resize }: ConvolutionOptions) {
  if (resize !== undefined && (kernel !== 3 || stride !== 1 || padding !== "same")) {
    throw new GanymedeError(
      "invalid-argument",
      `convolution: resize needs a kernel of 3 at stride 1 with the padding "same", got ${kernel}, ${stride} and ${JSON.stringify(padding)}`,
    );
  }
  if (resize === "double-before") return doubleThenConvolve;
  if (resize === "average-after") return convolveThenAverage;
  return (x: tf.Tensor4D, weight: tf.Tensor4D): tf.Tensor4D => tf.conv2d(x, weight, stride, padding);
}

/**
 * Convolution: x `[B, H, W, inputs]` to `[B, H', W', outputs]`. Weights are initialised uniformly in
 * +-sqrt(6 / (kernel^2 (inputs + outputs))), the bias to 0. For a 1x1 kernel at stride 1, `linear` avoids a layout change.
 *
 * Source: Glorot and Bengio 2010, section 4.2.1, for the initial values.
 * @throws GanymedeError `invalid-argument` for a resize with another kernel, stride or padding.
 */
export function convolution(options: ConvolutionOptions) {
  const { inputs, outputs, kernel, bias = true } = options;
  const convolve = convolveWith(options);
  const limit = Math.sqrt(6 / (kernel ** 2 * (inputs + outputs)));
  return defineLayer<ConvolutionParams, tf.Tensor4D, tf.Tensor4D>({
    init: (key) => ({
      weight: uniform<tf.Rank.R4>(fold(key, "weight"), [kernel, kernel, inputs, outputs], -limit, limit),
      ...(bias ? { bias: tf.zeros([outputs]) as tf.Tensor1D } : {}),
    }),
    apply(params, x) {
      const y = convolve(x, params.weight);
      return params.bias === undefined ? y : tf.add(y, params.bias);
    },
  });
}
