import { attentionVariants } from "@ganymede/attention";
import type { ModelParts } from "@ganymede/core";
import { expectShape, resolveAttention } from "@ganymede/core";
import {
  classToken,
  compose,
  firstTokens,
  joinPatches,
  layerNorm,
  equalizedLinear as linear,
  pixelShuffle,
  splitPatches,
} from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { blocks, mixerOf } from "./blocks.js";
import type { UnetDiscriminatorConfig } from "./config.js";
import type { PixelDiscriminator } from "./pixel-discriminator.js";
import { classedHead, patchTokens, unetDiscriminator } from "./pixel-discriminator.js";

/** Tokens of a square map as the map, `[B, N, C]` to `[B, side, side, C]`. */
function asMap(x: tf.Tensor3D): tf.Tensor4D {
  const [batch, tokens, width] = x.shape;
  const side = Math.sqrt(tokens);
  return tf.reshape(x, [batch, side, side, width]);
}

function asTokens(map: tf.Tensor4D): tf.Tensor3D {
  const [batch, rows, columns, width] = map.shape;
  return tf.reshape(map, [batch, rows * columns, width]);
}

/**
 * Halves a map: the four tokens of each square side by side, normalised, and one linear map: `[B, N, C]` to `[B, N / 4, 2 C]`.
 *
 * Source: Liu et al. 2021, Swin, arXiv 2103.14030, section 3.1.
 */
function mergeTokens(width: number) {
  const parts = {
    norm: layerNorm({ width: 4 * width }),
    reduce: linear({ inputs: 4 * width, outputs: 2 * width, bias: false }),
  };
  return compose(parts, (part, x: tf.Tensor3D) => part.reduce(part.norm(asTokens(splitPatches(asMap(x), 2)))));
}

/** A map twice as large, and what stood there on the way down. */
interface JoinInput {
  /** `[B, N, C]`. */
  readonly x: tf.Tensor3D;
  /** `[B, 4 N, C / 2]`. */
  readonly skip: tf.Tensor3D;
}

/**
 * Doubles a map and joins it with its counterpart of the way down: linear C to 2 C, shuffled into pixels of C / 2, beside the
 * counterpart, linear to C / 2: `[B, N, C]` to `[B, 4 N, C / 2]`.
 *
 * Source: our own mirror of `mergeTokens`.
 */
function expandTokens(width: number) {
  const parts = {
    spread: linear({ inputs: width, outputs: 2 * width }),
    join: linear({ inputs: width, outputs: width / 2 }),
  };
  return compose(parts, (part, { x, skip }: JoinInput): tf.Tensor3D => {
    const larger = asTokens(pixelShuffle(asMap(part.spread(x)), 2));
    return part.join(tf.concat3d([larger, skip], 2));
  });
}

/** The image's logit, the smallest map, and the maps before each halving. */
interface Encoded {
  readonly image: tf.Tensor1D;
  readonly map: tf.Tensor3D;
  readonly skips: readonly tf.Tensor3D[];
}

/**
 * A U-Net of attention. Down: patches, blocks over windows, merges; at the smallest map blocks over all tokens and a class token, whose
 * linear map is the image's logit. Up: expansions beside the maps of the way down, blocks, and logits for every pixel of a patch.
 *
 * Shape: images `[B, H, W, C]` to `[B]`, and to `[B, H, W, 1]`.
 * Source: our own; Schönfeld et al. 2020, U-Net GAN, arXiv 2002.12655, for the two answers; Liu et al. 2021, Swin, arXiv 2103.14030, for
 * windows and merges.
 */
export function createAttentionUnet(
  imageShape: readonly [number, number, number],
  config: UnetDiscriminatorConfig,
  outside: ModelParts,
  classes = 0,
): PixelDiscriminator {
  const { patchSize, width, merges, blocks: count, headWidth, mlpRatio, mixing, globalAttention } = config;
  const [imageSize, , channels] = imageShape;
  const side = imageSize / patchSize;
  const widest = width * 2 ** merges;
  const levels = Array.from({ length: merges }, (_, level) => ({ width: width * 2 ** level, side: side / 2 ** level }));
  const windowed = (map: { width: number; side: number }) => {
    const sizes = { ...map, heads: map.width / headWidth, where: "discriminator.mixing" };
    return blocks({ width: map.width, count, mlpRatio, mixer: mixerOf(mixing, outside, sizes) });
  };
  const variants = [...(outside.attentions ?? []), ...attentionVariants];
  const mixer = resolveAttention(variants, globalAttention, ["self"], "skinny: discriminator.globalAttention").create({
    channels: widest,
    heads: widest / headWidth,
    linear,
  });
  const down = {
    tokens: patchTokens({ ...config, channels }),
    down: levels.map(windowed),
    merge: levels.map((level) => mergeTokens(level.width)),
    classToken: classToken({ width: widest }),
    bottom: blocks({ width: widest, count, mlpRatio, mixer }),
    norm: layerNorm({ width: widest }),
    imageHead: classedHead({ inputs: widest, outputs: 1, classes }),
  };
  const encoder = compose(down, (part, images: tf.Tensor4D): Encoded => {
    expectShape(images, ["B", ...imageShape], "attention U-Net input");
    const skips: tf.Tensor3D[] = [];
    const merged = part.merge.reduce((x, merge, level) => {
      const skip = part.down[level]!({ x });
      skips.push(skip);
      return merge(skip);
    }, part.tokens(images));
    const mixed = part.bottom({ x: part.classToken(merged) });
    const image = part.imageHead(tf.reshape(part.norm(firstTokens(mixed, 1)), [-1, widest]));
    return { image: tf.reshape(image, [-1]), skips, map: tf.slice3d(mixed, [0, 1, 0], [-1, -1, -1]) };
  });
  const up = {
    expand: levels.map((level) => expandTokens(2 * level.width)),
    up: levels.map(windowed),
    norm: layerNorm({ width }),
    pixelHead: classedHead({ inputs: width, outputs: patchSize ** 2, classes }),
  };
  const decoder = compose(up, (part, { map, skips }: Encoded): tf.Tensor4D => {
    const x = part.expand.reduceRight(
      (h, expand, level) => part.up[level]!({ x: expand({ x: h, skip: skips[level]! }) }),
      map,
    );
    const logits = part.pixelHead(part.norm(x)); // [B, N, P P]
    return joinPatches(tf.reshape(logits, [-1, side, side, patchSize ** 2]), patchSize);
  });
  return unetDiscriminator(encoder, decoder, config.pixels);
}
