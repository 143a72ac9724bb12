import type * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../contracts/layer.js";
import { pixelNorm } from "../ops/pixel-norm.js";
import { scaledLeakyRelu } from "../ops/scaled-leaky-relu.js";
import { activated } from "./activated.js";
import { stack } from "./compose.js";
import { equalizedLinear } from "./equalized-linear.js";

/** Sizes of `mappingNetwork`. */
export interface MappingNetworkOptions {
  /** Width of z. */
  readonly inputs: number;
  /** Width of every layer and of w. */
  readonly width: number;
  readonly layers: number;
  /** Learning-rate multiplier of every layer; StyleGAN uses 0.01. */
  readonly multiplier: number;
}

/**
 * Mapping network: w = f(z / rms(z)) with `layers` equalised linear layers, each followed by leaky ReLU 0.2 times sqrt(2).
 * Shape: z `[B, inputs]` to w `[B, width]`. With 0 layers it only normalises.
 *
 * Source: Karras et al. 2019, StyleGAN, arXiv 1812.04948, section 2.
 */
export const mappingNetwork = ({ inputs, width, layers, multiplier }: MappingNetworkOptions) => {
  const layer = (index: number) =>
    activated(equalizedLinear({ inputs: index === 0 ? inputs : width, outputs: width, multiplier }), scaledLeakyRelu);
  const network = stack(Array.from({ length: layers }, (_, index) => layer(index)));
  return defineLayer({
    init: network.init,
    apply: (params, z: tf.Tensor2D, context): tf.Tensor2D =>
      network.apply(params, pixelNorm(z), context) as tf.Tensor2D,
  });
};
