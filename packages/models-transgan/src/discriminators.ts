import type { MixerPart } from "@ganymede/core";
import { expectShape } from "@ganymede/core";
import {
  averagePool,
  classToken,
  compose,
  firstTokens,
  patchEmbedding,
  projectionHead,
  stack,
} from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { block, blocks } from "./blocks.js";
import type { BlockConfig, MultiScaleConfig, ScaleConfig, SingleScaleConfig } from "./config.js";
import { narrowLinear as linear, positions, tokenNorms } from "./parts.js";
import { halvingMatrix, resample } from "./resample.js";

type ImageShape = readonly [height: number, width: number, channels: number];

/** What all blocks of a discriminator share: sqrt(0.5) for both terms of each sum where no norm keeps them in bounds. */
const shared = <Config extends BlockConfig>(config: Config) => ({
  ...config,
  linear,
  gain: config.norm === "none" ? Math.SQRT1_2 : 1,
});

/** A norm and a linear map of the first token, with a projection by class: `[B, N, C]` to `[B]`. */
function classHead(norm: BlockConfig["norm"], width: number, classes: number) {
  const parts = { norm: tokenNorms[norm](width), logit: projectionHead({ inputs: width, classes, linear }) };
  return compose(parts, (part, x: tf.Tensor3D): tf.Tensor1D => {
    const token = tf.reshape(part.norm(firstTokens(x, 1)), [-1, width]);
    return tf.reshape(part.logit(token), [-1]);
  });
}

/**
 * Version 1's discriminator: patches of one size, a class token, learned positions of both, blocks, and one linear map of the class
 * token.
 *
 * Shapes: images `[B, H, W, C]` in [-1, 1] to logits `[B]`; with classes the context carries the labels `[B]`.
 * Source: Jiang, Chang and Wang 2021, arXiv 2102.07074v1, section 3.1; VITA-Group/TransGAN, February 2021, `models/ViT_8_8.py`.
 *
 * @param attention Over tokens of which one is no pixel: a variant without a grid.
 * @param classes Classes that images are judged by. Default: 0, none.
 */
export function createSingleScaleDiscriminator(
  imageShape: ImageShape,
  config: SingleScaleConfig,
  attention: MixerPart,
  classes = 0,
) {
  const { width, depth, patchSize, norm } = config;
  const [imageSize, , channels] = imageShape;
  const parts = {
    embedding: patchEmbedding({ patchSize, channels, width, overlap: false }),
    token: classToken({ width }),
    position: positions((imageSize / patchSize) ** 2 + 1, width),
    blocks: stack(
      Array.from({ length: depth }, (_, index) =>
        block({ ...shared(config), keep: index === depth - 1 ? 1 : undefined }, attention),
      ),
    ),
    head: classHead(norm, width, classes),
  };
  return compose(parts, (part, images: tf.Tensor4D): tf.Tensor1D => {
    expectShape(images, ["B", ...imageShape], "transgan discriminator input");
    const start = tf.add<tf.Tensor3D>(part.token(part.embedding(images)), part.position);
    return part.head(part.blocks(start));
  });
}

const halvings = {
  "2x2": (map: tf.Tensor4D) => averagePool(map),
  "3x3": (map: tf.Tensor4D) => resample(map, halvingMatrix),
};

export interface ScaleInput {
  readonly images: tf.Tensor4D;
  /** Tokens of the scale before; absent in the first. */
  readonly before?: tf.Tensor3D | undefined;
}

/** One scale: patches of the image beside the halved map of the scale before, of width `incoming`; positions, blocks. */
function scaleLayer(
  [imageSize, , channels]: ImageShape,
  { width: added, patchSize, overlap, shrink, groups }: ScaleConfig,
  config: MultiScaleConfig,
  incoming: number,
  attention: MixerPart,
) {
  const side = imageSize / shrink / patchSize;
  const options = { ...shared(config), width: incoming + added, grid: [side, side] as const };
  const parts = {
    embedding: patchEmbedding({ patchSize, channels, width: added, overlap }),
    position: positions(side ** 2, incoming + added),
    groups: groups.map((group) => blocks({ ...options, ...group }, attention)),
  };
  return compose(parts, (part, { images, before }: ScaleInput): tf.Tensor3D => {
    const patches = part.embedding(shrink === 1 ? images : averagePool(images, shrink)); // [B, side side, added]
    const join = (tokens: tf.Tensor3D) => {
      const map = halvings[config.halving](tf.reshape(tokens, [-1, 2 * side, 2 * side, incoming]));
      return tf.concat3d([tf.reshape(map, [-1, side ** 2, incoming]), patches], 2);
    };
    const placed = tf.add<tf.Tensor3D>(before === undefined ? patches : join(before), part.position);
    return part.groups.reduce((x, group) => group({ x }), placed);
  });
}

/**
 * Version 2's discriminator: blocks over small patches, then, as the map is halved, patches of more and more of the image beside what
 * the blocks made of it; at last a class token, one more block, and a linear map of the class token.
 *
 * Shapes: images `[B, H, W, C]` in [-1, 1] to logits `[B]`; with classes the context carries the labels `[B]`.
 * Source: Jiang, Chang and Wang 2021, arXiv 2102.07074, section 3.2; VITA-Group/TransGAN, `models_search`.
 *
 * @param classAttention Of the last block, over tokens of which one is no pixel: a variant without a grid.
 * @param classes Classes that images are judged by. Default: 0, none.
 */
export function createMultiScaleDiscriminator(
  imageShape: ImageShape,
  config: MultiScaleConfig,
  attention: MixerPart,
  classAttention: MixerPart,
  classes = 0,
) {
  const { scales, norm } = config;
  const widthOf = (count: number) => scales.slice(0, count).reduce((sum, { width }) => sum + width, 0);
  const width = widthOf(scales.length);
  const parts = {
    scales: scales.map((scale, index) => scaleLayer(imageShape, scale, config, widthOf(index), attention)),
    token: classToken({ width }),
    block: block({ ...shared(config), width, keep: 1 }, classAttention),
    head: classHead(norm, width, classes),
  };
  return compose(parts, (part, images: tf.Tensor4D): tf.Tensor1D => {
    expectShape(images, ["B", ...imageShape], "transgan discriminator input");
    const tokens = part.scales.reduce<tf.Tensor3D | undefined>((before, scale) => scale({ images, before }), undefined);
    return part.head(part.block(part.token(tokens as tf.Tensor3D)));
  });
}
