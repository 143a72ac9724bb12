import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../contracts/layer.js";
import { pixelNorm } from "../ops/pixel-norm.js";

/** Width and epsilon of `rootMeanSquareNorm`. */
export interface RootMeanSquareNormOptions {
  /** Size of the last axis. */
  readonly width: number;
  /** Added to the mean square. Default: 1e-6. */
  readonly epsilon?: number;
}

/** Parameter of `rootMeanSquareNorm`, `[width]`. */
export type RootMeanSquareNormParams = { readonly scale: tf.Tensor1D };

/**
 * RMSNorm over the last axis with learned scale: y = scale * x / sqrt(mean(x^2) + epsilon).
 *
 * Source: Zhang and Sennrich 2019, arXiv 1910.07467, section 4.
 */
export const rootMeanSquareNorm = ({ width, epsilon = 1e-6 }: RootMeanSquareNormOptions) =>
  defineLayer<RootMeanSquareNormParams, tf.Tensor, tf.Tensor>({
    init: () => ({ scale: tf.ones([width]) }),
    apply: (params, x) => tf.mul(pixelNorm(x, epsilon), params.scale),
  });
