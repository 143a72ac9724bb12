import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../contracts/layer.js";
import type { LinearFactory, LinearParams } from "./linear.js";
import { linear as plainLinear } from "./linear.js";
import { overlappingPatches, splitPatches } from "./patches.js";

/** Sizes of `patchEmbedding`. */
export interface PatchEmbeddingOptions {
  /** Side P of a patch, also the stride. */
  readonly patchSize: number;
  readonly channels: number;
  /** Width of the tokens. */
  readonly width: number;
  /** Windows of side 2P instead of P, see `overlappingPatches`. */
  readonly overlap: boolean;
  readonly linear?: LinearFactory;
}

/**
 * Patch embedding: images `[B, H, W, C]` to tokens `[B, (H / P)(W / P), width]`, one linear map of each patch. With overlap it equals a
 * convolution with kernel 2P, stride P and padding P / 2.
 *
 * Source: Lee et al. 2022, ViTGAN, arXiv 2107.04589, section 3.1.
 */
export const patchEmbedding = (options: PatchEmbeddingOptions) => {
  const { patchSize, channels, width, overlap, linear = plainLinear } = options;
  const project = linear({ inputs: (overlap ? 4 : 1) * patchSize ** 2 * channels, outputs: width });
  return defineLayer<LinearParams, tf.Tensor4D, tf.Tensor3D>({
    init: (key) => project.init(key),
    apply(params, images, context) {
      const patches = overlap ? overlappingPatches(images, patchSize) : splitPatches(images, patchSize);
      const [batch, rows, columns, values] = patches.shape;
      return project.apply(params, tf.reshape(patches, [batch, rows * columns, values]) as tf.Tensor3D, context);
    },
  });
};
