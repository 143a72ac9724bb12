import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../contracts/layer.js";
import { pixelNorm } from "../ops/pixel-norm.js";

export interface RootMeanSquareNormOptions {
  /** Size of the last axis. */
  readonly width: number;
  /** Added to the mean square; 1e-6 where left out. */
  readonly epsilon?: number;
}

export type RootMeanSquareNormParams = { readonly scale: tf.Tensor1D };

/**
 * Scales the last axis to mean square 1 and by a learned factor for each feature: y = scale * x / sqrt(mean(x^2) + epsilon).
 *
 * Source: Zhang and Sennrich 2019, arXiv 1910.07467, section 4.
 */
export const rootMeanSquareNorm = ({ width, epsilon = 1e-6 }: RootMeanSquareNormOptions) =>
  defineLayer<RootMeanSquareNormParams, tf.Tensor, tf.Tensor>({
    init: () => ({ scale: tf.ones([width]) }),
    apply: (params, x) => tf.mul(pixelNorm(x, epsilon), params.scale),
  });
