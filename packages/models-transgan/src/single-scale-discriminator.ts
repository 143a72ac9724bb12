import type { Context, MixerPart } from "@ganymede/core";
import { defineLayer, expectShape, fold, normal } from "@ganymede/core";
import { contextAt, patchEmbedding } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { block } from "./block.js";
import { classHead, residualGain, withClassToken } from "./class-logit.js";
import type { SingleScaleConfig } from "./config.js";
import { narrowLinear } from "./starts.js";

/**
 * Version 1's discriminator: patches of one size, a class token, learned positions of both, blocks, and one linear map of the class
 * token.
 *
 * Shapes: images `[B, H, W, C]` in [-1, 1] to logits `[B]`; the context carries the labels `[B]` where there are classes.
 * Source: Jiang, Chang and Wang 2021, arXiv 2102.07074v1, section 3.1; VITA-Group/TransGAN, February 2021, `models/ViT_8_8.py`.
 *
 * @param attention over tokens of which one is no pixel: a variant without a grid.
 * @param classes that images are judged by; 0 for none.
 */
export function createSingleScaleDiscriminator(
  imageShape: readonly [number, number, number],
  config: SingleScaleConfig,
  attention: MixerPart,
  classes = 0,
) {
  const { width, depth, patchSize } = config;
  const [imageSize, , channels] = imageShape;
  const tokens = (imageSize / patchSize) ** 2;
  const embedding = patchEmbedding({ patchSize, channels, width, overlap: false });
  const options = { ...config, grid: null, linear: narrowLinear, memoryWidth: null, gain: residualGain(config) };
  const layer = block(options, attention);
  const head = classHead({ ...config, classes });
  return defineLayer({
    init: (key) => ({
      embedding: embedding.init(fold(key, "embedding")),
      token: normal<tf.Rank.R1>(fold(key, "token"), [width], 0, 0.02),
      position: normal<tf.Rank.R2>(fold(key, "position"), [tokens + 1, width], 0, 0.02),
      blocks: Array.from({ length: depth }, (_, index) => layer.init(fold(fold(key, "blocks"), index))),
      head: head.init(fold(key, "head")),
    }),
    apply(params, images: tf.Tensor4D, context: Context): tf.Tensor1D {
      expectShape(images, ["B", ...imageShape], "transgan discriminator input");
      const patches = embedding.apply(params.embedding, images, context);
      const start = tf.add(withClassToken(patches, params.token), params.position) as tf.Tensor3D;
      const judged = params.blocks.reduce((x, own, index) => {
        const input = index === depth - 1 ? { x, keep: 1 } : { x };
        return layer.apply(own, input, contextAt(context, index));
      }, start);
      return head.apply(params.head, judged, context);
    },
  });
}
