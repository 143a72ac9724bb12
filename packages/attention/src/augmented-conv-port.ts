/**
 * Attention-augmented convolution as a widely used port computes it: as `augmented-conv`, but heads [B, heads, N, D] are read as
 * [B, heads, D, H, W] without turning them, which scatters what attention found over the map. Kept for that port's weights.
 * Shapes: a token mixer; its layer x [B, H, W, C] -> [B, H, W, outputs] for the H and W of `grid`.
 * Cost: as `augmented-conv`.
 * Source: leaderj1001/Attention-Augmented-Conv2d, `attention_augmented_conv.py`. Its projection has the convolution's kernel.
 * Differs from source: none. Differs from the paper: the missing turn.
 */
import type { AttentionOptions } from "@ganymede/core";
import { defineMixer } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import type { AugmentedSettings } from "./parts/augmented-layer.js";
import { augmentedDefaults, augmentedLayer, augmentedSettings } from "./parts/augmented-layer.js";
import { layerOnTokens } from "./parts/on-tokens.js";

/** The layer with an output of its own width: `[B, H, W, C]` to `[B, H, W, outputs]`; `outputs` is C by default. */
export const portAugmentedConvolutionLayer = (
  options: AttentionOptions,
  settings: AugmentedSettings,
  outputs = options.channels,
) =>
  augmentedLayer(
    options,
    settings,
    outputs,
    (heads, [height, width]) => {
      const [batch, count, , depth] = heads.shape;
      return tf.transpose(tf.reshape(heads, [batch, count * depth, height, width]), [0, 2, 3, 1]);
    },
    "portAugmentedConvolution",
  );

export const portAugmentedConvolution = defineMixer({
  id: "augmented-conv-port",
  source: "https://github.com/leaderj1001/Attention-Augmented-Conv2d",
  defaults: { ...augmentedDefaults, projectionKernel: null },
  settings: augmentedSettings,
  create: (settings, options) =>
    layerOnTokens(portAugmentedConvolutionLayer(options, settings), options, "portAugmentedConvolution"),
});
