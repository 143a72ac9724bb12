import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../contracts/layer.js";
import { uniform } from "../random/draw.js";
import { fold } from "../random/key.js";
import { linearMap } from "./linear-map.js";

export interface SirenFeaturesOptions {
  readonly inputs: number;
  readonly width: number;
  /** Frequency omega; 30 where left out, for positions in [-1, 1] of a natural image. */
  readonly frequency?: number;
  /** Whether this is the first layer, which sees positions, or a later one, which sees sines; true where left out. */
  readonly first?: boolean;
}

export type SirenFeaturesParams = { readonly weight: tf.Tensor2D; readonly bias: tf.Tensor1D };

/**
 * A layer of a sinusoidal network: y = sin(omega (x W + b)), x `[.., inputs]` to `[.., width]`. W starts uniform in +-1 / inputs in the
 * first layer, +-sqrt(6 / inputs) / omega later, so that the sines of every layer are spread alike; b in +-1 / sqrt(inputs).
 *
 * Source: Sitzmann et al. 2020, SIREN, arXiv 2006.09661, section 3.2.
 */
export const sirenFeatures = ({ inputs, width, frequency = 30, first = true }: SirenFeaturesOptions) => {
  const limit = first ? 1 / inputs : Math.sqrt(6 / inputs) / frequency;
  const offset = 1 / Math.sqrt(inputs);
  return defineLayer<SirenFeaturesParams, tf.Tensor, tf.Tensor>({
    init: (key) => ({
      weight: uniform(fold(key, "weight"), [inputs, width], -limit, limit),
      bias: uniform(fold(key, "bias"), [width], -offset, offset),
    }),
    apply: (params, x) => tf.sin(tf.mul(linearMap(x, params.weight, params.bias), frequency)),
  });
};
