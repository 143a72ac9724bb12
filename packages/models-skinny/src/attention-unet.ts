import { attentionVariants } from "@ganymede/attention";
import type { Context, ModelParts, ParamsOf } from "@ganymede/core";
import { defineLayer, expectShape, fold, inference, normal, resolveAttention } from "@ganymede/core";
import { contextAt, equalizedLinear, joinPatches, layerNorm } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { BlocksParams } from "./blocks.js";
import { blocks } from "./blocks.js";
import { classedHead } from "./classed-head.js";
import type { UnetDiscriminatorConfig } from "./config.js";
import type { Mixer } from "./mixer-of.js";
import { mixerOf } from "./mixer-of.js";
import { patchTokens } from "./patch-tokens.js";
import { expandTokens, mergeTokens } from "./resize-tokens.js";

/**
 * A U-Net of attention. Down: patches, blocks over windows, merges; at the smallest map blocks over all tokens and a class token, whose
 * linear map is the image's logit. Up: expansions beside the maps of the way down, blocks, and logits for every pixel of a patch.
 *
 * Shapes: images `[B, H, W, C]` to `[B]`, and to `[B, H, W, 1]`.
 * Source: our own; Schönfeld et al. 2020, U-Net GAN, arXiv 2002.12655, for the two answers; Liu et al. 2021, Swin, arXiv 2103.14030, for
 * windows and merges.
 */
export function createAttentionUnet(
  imageShape: readonly [number, number, number],
  config: UnetDiscriminatorConfig,
  parts: ModelParts,
  classes = 0,
) {
  const { patchSize, overlap, width, merges, blocks: count, headWidth, mlpRatio, mixing } = config;
  const [imageSize, , channels] = imageShape;
  const sides = Array.from({ length: merges + 1 }, (_, level) => imageSize / patchSize / 2 ** level);
  const widths = sides.map((_, level) => width * 2 ** level);
  const widest = widths.at(-1) as number;
  const sequence = (own: number, mixer: Mixer) =>
    blocks({ width: own, count, mlpRatio, reversible: false, styleWidth: null, mixer });
  const windowed = (level: number) => {
    const own = widths[level] as number;
    const options = { width: own, heads: own / headWidth, side: sides[level] as number };
    return sequence(own, mixerOf(mixing, options, parts, "discriminator.mixing"));
  };
  const levels = Array.from({ length: merges }, (_, level) => level);
  const tokens = patchTokens({ patchSize, overlap, channels, width });
  const down = levels.map(windowed);
  const merge = levels.map((level) => mergeTokens(widths[level] as number));
  const sizes = { channels: widest, heads: widest / headWidth, linear: equalizedLinear };
  const bottom = sequence(
    widest,
    resolveAttention(
      [...(parts.attentions ?? []), ...attentionVariants],
      config.globalAttention,
      ["self"],
      "skinny: discriminator.globalAttention",
    ).create(sizes),
  );
  const norm = layerNorm({ width: widest });
  const imageHead = classedHead({ inputs: widest, outputs: 1, classes });
  const expand = levels.map((level) => expandTokens(widths[level + 1] as number));
  const up = levels.map(windowed);
  const outNorm = layerNorm({ width });
  const pixelHead = classedHead({ inputs: width, outputs: patchSize ** 2, classes });
  const at = <Part extends { init(key: never): unknown }>(parts: readonly Part[], level: number) =>
    parts[level] as Part;

  const encoder = defineLayer({
    init: (key) => ({
      tokens: tokens.init(fold(key, "tokens")),
      down: down.map((each, level) => each.init(fold(fold(key, "down"), level))),
      merge: merge.map((each, level) => each.init(fold(fold(key, "merge"), level))),
      classToken: normal<tf.Rank.R1>(fold(key, "classToken"), [widest], 0, 0.02),
      bottom: bottom.init(fold(key, "bottom")),
      norm: norm.init(fold(key, "norm")),
      imageHead: imageHead.init(fold(key, "imageHead")),
    }),
    apply(params, images: tf.Tensor4D, context: Context) {
      expectShape(images, ["B", ...imageShape], "attention U-Net input");
      const [batch] = images.shape;
      const skips: tf.Tensor3D[] = [];
      let x = tokens.apply(params.tokens, images, context);
      for (const level of levels) {
        const input = { x, styles: [] };
        x = at(down, level).apply(params.down[level] as BlocksParams, input, contextAt(context, `down/${level}`));
        skips.push(x);
        x = at(merge, level).apply(params.merge[level] as (typeof params.merge)[number], x, context);
      }
      const asking = tf.broadcastTo(params.classToken, [batch, 1, widest]) as tf.Tensor3D;
      const all = { x: tf.concat3d([asking, x], 1), styles: [] };
      const mixed = bottom.apply(params.bottom, all, contextAt(context, "bottom"));
      const first = tf.reshape(tf.slice3d(mixed, [0, 0, 0], [batch, 1, widest]), [batch, widest]) as tf.Tensor2D;
      const image = tf.reshape(imageHead.apply(params.imageHead, normed(params, first), context), [
        batch,
      ]) as tf.Tensor1D;
      return { image, skips, map: tf.slice3d(mixed, [0, 1, 0], [batch, x.shape[1], widest]) };
    },
  });

  function normed(params: { readonly norm: ParamsOf<typeof norm> }, x: tf.Tensor2D): tf.Tensor2D {
    return tf.squeeze(norm.apply(params.norm, tf.expandDims(x, 1) as tf.Tensor3D, inference), [1]);
  }

  const alone = defineLayer({
    init: (key) => ({ encoder: encoder.init(fold(key, "encoder")) }),
    apply: (params, images: tf.Tensor4D, context: Context) =>
      encoder.apply(params.encoder, images, contextAt(context, "encoder")).image,
  });
  const layer = defineLayer({
    init: (key) => ({
      ...alone.init(key),
      expand: expand.map((each, level) => each.init(fold(fold(key, "expand"), level))),
      up: up.map((each, level) => each.init(fold(fold(key, "up"), level))),
      outNorm: outNorm.init(fold(key, "outNorm")),
      pixelHead: pixelHead.init(fold(key, "pixelHead")),
    }),
    apply: (params, images: tf.Tensor4D, context: Context) => alone.apply(params, images, context),
  });

  /** Both answers. */
  function judge(params: ParamsOf<typeof layer>, images: tf.Tensor4D, context: Context) {
    const { image, skips, map } = encoder.apply(params.encoder, images, contextAt(context, "encoder"));
    const x = levels.reduceRight((h, level) => {
      const joined = at(expand, level).apply(
        params.expand[level] as (typeof params.expand)[number],
        {
          x: h,
          skip: skips[level] as tf.Tensor3D,
        },
        context,
      );
      const input = { x: joined, styles: [] };
      return at(up, level).apply(params.up[level] as BlocksParams, input, contextAt(context, `up/${level}`));
    }, map);
    const logits = pixelHead.apply(params.pixelHead, outNorm.apply(params.outNorm, x, context), context); // [B, N, P P]
    const [side] = sides as [number];
    const patches = tf.reshape(logits, [images.shape[0], side, side, patchSize ** 2]) as tf.Tensor4D;
    return { image, pixels: joinPatches(patches, patchSize) };
  }
  return config.pixels ? { discriminator: layer, pixelLogits: { apply: judge } } : { discriminator: alone };
}
