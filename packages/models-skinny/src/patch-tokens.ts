import { defineLayer, fold } from "@ganymede/core";
import type { FourierFeaturesParams, LinearParams } from "@ganymede/core/nn";
import { equalizedLinear, fourierFeatures, gridPositions, patchEmbedding } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

export interface PatchTokensOptions {
  readonly patchSize: number;
  readonly overlap: boolean;
  readonly channels: number;
  readonly width: number;
}

export type PatchTokensParams = { readonly embedding: LinearParams; readonly position: FourierFeaturesParams };

/** Patches of images as tokens that know their places: images `[B, H, W, C]` to `[B, (H / P)^2, width]`. */
export function patchTokens({ patchSize, overlap, channels, width }: PatchTokensOptions) {
  const embedding = patchEmbedding({ patchSize, channels, width, overlap, linear: equalizedLinear });
  const position = fourierFeatures({ width });
  return defineLayer<PatchTokensParams, tf.Tensor4D, tf.Tensor3D>({
    init: (key) => ({
      embedding: embedding.init(fold(key, "embedding")),
      position: position.init(fold(key, "position")),
    }),
    apply: (params, images, context) =>
      tf.add(
        embedding.apply(params.embedding, images, context),
        position.apply(params.position, gridPositions(images.shape[1] / patchSize), context),
      ),
  });
}
