import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../contracts/layer.js";
import { normal } from "../random/draw.js";
import { fold } from "../random/key.js";
import type { LinearLayer, LinearOptions, LinearParams } from "./linear.js";
import { checkLinear } from "./linear.js";
import { linearMap } from "./linear-map.js";

/** Sizes, learning-rate multiplier and bias of `equalizedLinear`. */
export interface EqualizedLinearOptions extends LinearOptions {
  /** Learning-rate multiplier m: with 0.01 the layer learns a hundred times slower under Adam. Default: 1. */
  readonly multiplier?: number;
  /** Initial value of the effective bias. Default: 0. */
  readonly biasInit?: number;
}

/**
 * Linear layer with equalised learning rate: y = x (W m / sqrt(inputs)) + m b, W drawn from N(0, 1) / m. Adam's steps then have
 * the same size relative to the weights of every layer.
 *
 * Source: Karras et al. 2018, progressive GAN, arXiv 1710.10196, section 4.1; the multiplier as in StyleGAN (1812.04948).
 */
export function equalizedLinear(options: EqualizedLinearOptions): LinearLayer {
  checkLinear(options, "equalizedLinear");
  const { inputs, outputs, bias = true, multiplier = 1, biasInit = 0 } = options;
  const scale = multiplier / Math.sqrt(inputs);
  return defineLayer<LinearParams, tf.Tensor, tf.Tensor>({
    init: (key) => ({
      weight: normal<tf.Rank.R2>(fold(key, "weight"), [inputs, outputs], 0, 1 / multiplier),
      ...(bias ? { bias: tf.fill([outputs], biasInit / multiplier) as tf.Tensor1D } : {}),
    }),
    apply(params, x) {
      const offset =
        params.bias === undefined || multiplier === 1 ? params.bias : (tf.mul(params.bias, multiplier) as tf.Tensor1D);
      return linearMap(x, tf.mul(params.weight, scale), offset);
    },
  }) as LinearLayer;
}
