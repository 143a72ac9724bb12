import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../contracts/layer.js";
import { layerNormalize } from "../ops/layer-normalize.js";

/** Width and epsilon of `layerNorm`. */
export interface LayerNormOptions {
  /** Size of the last axis. */
  readonly width: number;
  /** Added to the variance. Default: 1e-6, as usual for vision transformers. */
  readonly epsilon?: number;
}

/** Parameters of `layerNorm`, both `[width]`. */
export type LayerNormParams = { readonly scale: tf.Tensor1D; readonly shift: tf.Tensor1D };

/**
 * Layer normalisation over the last axis with learned scale and shift: y = scale * (x - mean) / sqrt(var + epsilon) + shift.
 *
 * Source: Ba, Kiros and Hinton 2016, arXiv 1607.06450, section 3.
 */
export const layerNorm = ({ width, epsilon = 1e-6 }: LayerNormOptions) =>
  defineLayer<LayerNormParams, tf.Tensor3D, tf.Tensor3D>({
    init: () => ({ scale: tf.ones([width]), shift: tf.zeros([width]) }),
    apply: (params, x) => tf.add(tf.mul(layerNormalize(x, epsilon), params.scale), params.shift),
  });
