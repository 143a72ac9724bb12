/**
 * Attention-augmented convolution: some output channels come from a convolution, the rest from attention over the whole map, which
 * adds what no kernel reaches. Logits are q k^T + q r_rows + q r_columns, q scaled by 1 / sqrt(D); offsets are relative in both
 * directions and shared by the heads.
 * Shapes: a token mixer; its layer x [B, H, W, C] -> [B, H, W, outputs] for the H and W of `grid`; tables [2 H - 1, D] and [2 W - 1, D].
 * Cost: the convolution's, and (H W)^2 (keys + values + heads (H + W)) multiply-adds; logits exist one tile at a time.
 * Source: Bello et al. 2019, arXiv 1904.09925, sections 3.1 to 3.3.
 * Differs from source: none; shares of a quarter are one of its settings.
 */
import type { AttentionOptions } from "@ganymede/core";
import { defineMixer } from "@ganymede/core";
import { mergeHeads } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { AugmentedSettings } from "./parts/augmented-layer.js";
import { augmentedDefaults, augmentedLayer, augmentedSettings } from "./parts/augmented-layer.js";
import { layerOnTokens } from "./parts/on-tokens.js";

export type { AugmentedParams, AugmentedSettings } from "./parts/augmented-layer.js";

/** The layer with an output of its own width: `[B, H, W, C]` to `[B, H, W, outputs]`; `outputs` is C by default. */
export const augmentedConvolutionLayer = (
  options: AttentionOptions,
  settings: AugmentedSettings,
  outputs = options.channels,
) =>
  augmentedLayer(
    options,
    settings,
    outputs,
    (heads, [height, width]) => {
      const tokens = mergeHeads(heads); // [B, N, values]
      return tf.reshape(tokens, [tokens.shape[0], height, width, tokens.shape[2]]);
    },
    "augmentedConvolution",
  );

export const augmentedConvolution = defineMixer({
  id: "augmented-conv",
  source: "https://arxiv.org/abs/1904.09925",
  defaults: { ...augmentedDefaults, projectionKernel: 1 },
  settings: augmentedSettings,
  create: (settings, options) =>
    layerOnTokens(augmentedConvolutionLayer(options, settings), options, "augmentedConvolution"),
});
