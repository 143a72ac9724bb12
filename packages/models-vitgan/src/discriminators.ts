import type { SelfAttentionPart } from "@ganymede/core";
import { expectShape } from "@ganymede/core";
import {
  activated,
  classToken,
  compose,
  equalizedConvolution,
  firstTokens,
  fourierFeatures,
  gridPositions,
  layerNorm,
  equalizedLinear as linear,
  minibatchStdDev,
  patchEmbedding,
  projectionHead,
  residualHalving,
  scaledLeakyRelu,
  stack,
  transformerBlock,
} from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { ResidualConfig, TransformerConfig } from "./config.js";

/**
 * ViTGAN's discriminator: overlapping patches, a class token, pre-norm blocks, and one linear map of the class token.
 * h_0 = [class, patches W + b + sin(p V + c)], h = blocks(h), logit = LN(h[class]) u + d.
 *
 * Shapes: images `[B, H, W, C]` in [-1, 1] to logits `[B]`.
 * Source: Lee et al. 2022, arXiv 2107.04589, section 3.1.
 *
 * @param classes Classes that images are judged by, through a projection that the paper does not have. Default: 0, none.
 */
export function createTransformerDiscriminator(
  imageShape: readonly [number, number, number],
  config: TransformerConfig,
  attention: SelfAttentionPart,
  classes = 0,
) {
  const { width, heads, patchSize, overlap, depth, mlpWidth: hidden } = config;
  const [imageSize, , channels] = imageShape;
  const block = (_: unknown, index: number) => {
    const layer = attention.create({ channels: width, heads, linear });
    return transformerBlock({ width, hidden, attention: layer, linear, keep: index === depth - 1 ? 1 : undefined });
  };
  const parts = {
    embedding: patchEmbedding({ patchSize, channels, width, overlap, linear }),
    position: fourierFeatures({ width }),
    classToken: classToken({ width }),
    blocks: stack(Array.from({ length: depth }, block)),
    norm: layerNorm({ width }),
    head: projectionHead({ inputs: width, classes, linear }),
  };
  return compose(parts, (part, images: tf.Tensor4D): tf.Tensor1D => {
    expectShape(images, ["B", ...imageShape], "vitgan discriminator input");
    const positions = part.position(gridPositions(imageSize / patchSize)); // [N, D]
    const tokens = part.blocks(part.classToken(tf.add(part.embedding(images), positions)));
    return tf.reshape(part.head(tf.reshape(part.norm(firstTokens(tokens, 1)), [-1, width])), [-1]);
  });
}

/**
 * StyleGAN2's residual discriminator, as the release of ViTGAN uses it.
 *
 * Shapes: images `[B, H, W, C]` in [-1, 1] to logits `[B]`.
 * Source: Karras et al. 2020, arXiv 1912.04958; widths of mlpc-ucsd/ViTGAN, `models/gan/stylegan2/discriminator.py`.
 * Differs from source: the two projection heads, which no loss uses, are left out.
 *
 * @param classes Classes that images are judged by, through a projection that the release does not have. Default: 0, none.
 */
export function createResidualDiscriminator(
  imageShape: readonly [number, number, number],
  { channels, finalChannels: outputs, minibatchStdDev: stdDev, blurTaps: taps }: ResidualConfig,
  classes = 0,
) {
  const [imageSize, , colors] = imageShape;
  const [narrowest = 0, ...widths] = channels;
  const widest = channels.at(-1) ?? 0;
  const size = outputs * (imageSize / 2 ** widths.length) ** 2;
  const parts = {
    entry: equalizedConvolution({ inputs: colors, outputs: narrowest, kernel: 1, gain: Math.SQRT2 }),
    blocks: stack(
      widths.map((width, index) => residualHalving({ inputs: channels[index] ?? 0, outputs: width, taps })),
    ),
    exit: activated(equalizedConvolution({ inputs: widest + stdDev.features, outputs, kernel: 3 }), scaledLeakyRelu),
    hidden: activated(linear({ inputs: size, outputs }), scaledLeakyRelu),
    head: projectionHead({ inputs: outputs, classes, linear }),
  };
  return compose(parts, (part, images: tf.Tensor4D): tf.Tensor1D => {
    expectShape(images, ["B", ...imageShape], "residual discriminator input");
    const features = part.blocks(tf.leakyRelu(part.entry(images), 0.2)); // [B, side, side, widest]
    const last = part.exit(minibatchStdDev(features, stdDev));
    return tf.reshape(part.head(part.hidden(tf.reshape(last, [-1, size]))), [-1]);
  });
}
