import type { Context, SelfAttentionPart } from "@ganymede/core";
import { defineLayer, expectShape, fold, normal } from "@ganymede/core";
import {
  contextAt,
  equalizedLinear,
  fourierFeatures,
  gridPositions,
  layerNorm,
  patchEmbedding,
} from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { initClasses, projected } from "./class-projection.js";
import type { TransformerDiscriminatorConfig } from "./config.js";
import { discriminatorBlock } from "./discriminator-block.js";

/**
 * ViTGAN's discriminator: overlapping patches, a class token, pre-norm blocks, and one linear map of the class token.
 * h_0 = [class, patches W + b + sin(p V + c)], h = blocks(h), logit = LN(h[class]) u + d.
 *
 * Shapes: images `[B, H, W, C]` in [-1, 1] to logits `[B]`.
 * Source: Lee et al. 2022, arXiv 2107.04589, section 3.1.
 *
 * @param classes that images are judged by, through a projection that the paper does not have; 0 for none.
 */
export function createTransformerDiscriminator(
  imageShape: readonly [number, number, number],
  config: TransformerDiscriminatorConfig,
  attention: SelfAttentionPart,
  classes = 0,
) {
  const { width, patchSize, overlap, depth } = config;
  const [imageSize, , channels] = imageShape;
  const side = imageSize / patchSize;
  const embedding = patchEmbedding({ patchSize, channels, width, overlap, linear: equalizedLinear });
  const position = fourierFeatures({ width });
  const block = discriminatorBlock(config, attention);
  const norm = layerNorm({ width });
  const head = equalizedLinear({ inputs: width, outputs: 1 });
  return defineLayer({
    init: (key) => ({
      embedding: embedding.init(fold(key, "embedding")),
      position: position.init(fold(key, "position")),
      classToken: normal<tf.Rank.R1>(fold(key, "classToken"), [width], 0, 0.02),
      blocks: Array.from({ length: depth }, (_, index) => block.init(fold(fold(key, "blocks"), index))),
      norm: norm.init(fold(key, "norm")),
      head: head.init(fold(key, "head")),
      ...initClasses(key, classes, width, 0.02),
    }),
    apply(params, images: tf.Tensor4D, context: Context): tf.Tensor1D {
      expectShape(images, ["B", ...imageShape], "vitgan discriminator input");
      const [batch] = images.shape;
      const positions = position.apply(params.position, gridPositions(side), context); // [N, D]
      const patches = tf.add(embedding.apply(params.embedding, images, context), positions) as tf.Tensor3D; // [B, N, D]
      const start = tf.add(tf.zeros([batch, 1, width]), params.classToken) as tf.Tensor3D;
      const tokens = params.blocks.reduce(
        (x, blockParams, index) =>
          block.apply(blockParams, index === depth - 1 ? { x, keep: 1 } : { x }, contextAt(context, index)),
        tf.concat3d([start, patches], 1),
      );
      const token = tf.reshape(norm.apply(params.norm, tokens, context), [batch, width]) as tf.Tensor2D;
      const logits = tf.reshape(head.apply(params.head, token, context), [batch]) as tf.Tensor1D;
      return projected(logits, token, params, context);
    },
  });
}
