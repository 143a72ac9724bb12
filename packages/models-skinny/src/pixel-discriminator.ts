import type { Context, Layer, ParamTree } from "@ganymede/core";
import { normal } from "@ganymede/core";
import type { PatchEmbeddingOptions, ProjectionHeadOptions } from "@ganymede/core/nn";
import {
  compose,
  equalizedLinear,
  fourierFeatures,
  gridPositions,
  patchEmbedding,
  projectionHead,
} from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

interface Network<Answer> {
  apply(params: ParamTree, images: tf.Tensor4D, context: Context): Answer;
}

/** A discriminator, with its logits per pixel and the attention of its queries if it has them. */
export interface PixelDiscriminator {
  readonly discriminator: Layer<ParamTree, tf.Tensor4D, tf.Tensor1D>;
  readonly pixelLogits?: Network<{ readonly image: tf.Tensor1D; readonly pixels: tf.Tensor4D }>;
  readonly queries?: Network<tf.Tensor3D>;
}

/**
 * A U-Net as a discriminator: the way down judges the image, `[B]`, and the way up reads what it gives beside that for the logits of the
 * pixels, `[B, H, W, 1]`.
 *
 * @param pixels Whether there is a way up.
 */
export function unetDiscriminator<Encoded extends { readonly image: tf.Tensor1D }>(
  encoder: Layer<ParamTree, tf.Tensor4D, Encoded>,
  decoder: Layer<ParamTree, Encoded, tf.Tensor4D>,
  pixels: boolean,
): PixelDiscriminator {
  const image = (part: { encoder(images: tf.Tensor4D): Encoded }, images: tf.Tensor4D) => part.encoder(images).image;
  if (!pixels) return { discriminator: compose({ encoder }, image) };
  const pixelLogits = compose({ encoder, decoder }, (part, images: tf.Tensor4D) => {
    const encoded = part.encoder(images);
    return { image: encoded.image, pixels: part.decoder(encoded) };
  });
  return { discriminator: compose({ encoder, decoder }, image), pixelLogits };
}

/** Patches of images as tokens that know their places: images `[B, H, W, C]` to `[B, (H / P)^2, width]`. */
export function patchTokens(options: Omit<PatchEmbeddingOptions, "linear">) {
  const { patchSize, width } = options;
  const parts = {
    embedding: patchEmbedding({ ...options, linear: equalizedLinear }),
    position: fourierFeatures({ width }),
  };
  return compose(
    parts,
    (part, images: tf.Tensor4D): tf.Tensor3D =>
      tf.add(part.embedding(images), part.position(gridPositions(images.shape[1] / patchSize))),
  );
}

/** Logits with class projection: class vectors start from N(0, 1), and the projection has the factor 1 / sqrt(inputs). */
export const classedHead = (options: ProjectionHeadOptions) =>
  projectionHead({
    linear: equalizedLinear,
    gain: 1 / Math.sqrt(options.inputs),
    start: (key, shape) => normal<tf.Rank.R2>(key, shape),
    ...options,
  });
