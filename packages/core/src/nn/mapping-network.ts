import type * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../contracts/layer.js";
import { pixelNorm } from "../ops/pixel-norm.js";
import { scaledLeakyRelu } from "../ops/scaled-leaky-relu.js";
import { fold } from "../random/key.js";
import { equalizedLinear } from "./equalized-linear.js";
import type { LinearParams } from "./linear.js";

export interface MappingNetworkOptions {
  /** Width of z. */
  readonly inputs: number;
  /** Width of every layer and of w. */
  readonly width: number;
  readonly layers: number;
  /** Learning-rate multiplier of every layer; 0.01 in StyleGAN. */
  readonly multiplier: number;
}

/**
 * Mapping network: w = f(z / rms(z)), `layers` equalised linear layers, each followed by leaky ReLU 0.2 times sqrt(2).
 * z `[B, inputs]` to w `[B, width]`; without layers it only normalises.
 *
 * Source: Karras et al. 2019, StyleGAN, arXiv 1812.04948, section 2.
 */
export const mappingNetwork = ({ inputs, width, layers, multiplier }: MappingNetworkOptions) => {
  const stack = Array.from({ length: layers }, (_, index) =>
    equalizedLinear({ inputs: index === 0 ? inputs : width, outputs: width, multiplier }),
  );
  return defineLayer<readonly LinearParams[], tf.Tensor2D, tf.Tensor2D>({
    init: (key) => stack.map((layer, index) => layer.init(fold(key, index))),
    apply: (params, z) =>
      stack.reduce((x, layer, index) => scaledLeakyRelu(layer.apply(params[index] as LinearParams, x)), pixelNorm(z)),
  });
};
