import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../contracts/layer.js";
import { uniform } from "../random/draw.js";
import { fold } from "../random/key.js";
import { linearMap } from "./linear-map.js";

/** Sizes and frequency of `sirenFeatures`. */
export interface SirenFeaturesOptions {
  readonly inputs: number;
  readonly width: number;
  /** Frequency omega. Default: 30, for positions of a natural image in [-1, 1]. */
  readonly frequency?: number;
  /** Whether this is the first layer, whose input is positions rather than sines. Default: true. */
  readonly first?: boolean;
}

/** Parameters of `sirenFeatures`: weight `[inputs, width]`, bias `[width]`. */
export type SirenFeaturesParams = { readonly weight: tf.Tensor2D; readonly bias: tf.Tensor1D };

/**
 * Sinusoidal layer (SIREN): y = sin(omega (x W + b)), x `[.., inputs]` to `[.., width]`. W is initialised uniformly in +-1 / inputs in the
 * first layer and +-sqrt(6 / inputs) / omega in later ones, which keeps the distribution of activations; b in +-1 / sqrt(inputs).
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
