import type { Context, ModelParts, ParamsOf } from "@ganymede/core";
import { defineLayer, expectShape, fold, normal } from "@ganymede/core";
import { contextAt, layerNorm, upsample } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { blocks } from "./blocks.js";
import { classedHead } from "./classed-head.js";
import type { SetDiscriminatorConfig } from "./config.js";
import { mixerOf } from "./mixer-of.js";
import { patchTokens } from "./patch-tokens.js";
import { queryDecoder } from "./query-decoder.js";

/**
 * A discriminator of learned queries: blocks over the image's patches, then a decoder in which m queries look at them; each gives a logit.
 * The image's is their mean, or the logarithm of the sum of their exponentials; a pixel's is their sum weighted by how much of the
 * attention to its patch is each query's: sum_q a_q(p) / (sum_r a_r(p)) l_q, a the last layer's weights, averaged over heads.
 *
 * Shapes: images `[B, H, W, C]` to `[B]`, to `[B, H, W, 1]`, and to where the queries look, `[B, m, N]`.
 * Source: our own, after Carion et al. 2020, DETR, arXiv 2005.12872.
 */
export function createSetDiscriminator(
  imageShape: readonly [number, number, number],
  config: SetDiscriminatorConfig,
  parts: ModelParts,
  classes = 0,
) {
  const {
    patchSize,
    overlap,
    width,
    depth,
    decoderDepth,
    queries: count,
    headWidth,
    mlpRatio,
    attention,
    pool,
  } = config;
  const [imageSize, , channels] = imageShape;
  const side = imageSize / patchSize;
  const tokens = patchTokens({ patchSize, overlap, channels, width });
  const mixer = mixerOf(attention, { width, heads: width / headWidth, side }, parts, "discriminator.attention");
  const body = blocks({ width, count: depth, mlpRatio, reversible: false, styleWidth: null, mixer });
  const norm = layerNorm({ width });
  const decoder = Array.from({ length: decoderDepth }, () => queryDecoder({ width, headWidth, mlpRatio }));
  const imageHead = classedHead({ inputs: width, outputs: 1, classes });
  const layer = defineLayer({
    init: (key) => ({
      tokens: tokens.init(fold(key, "tokens")),
      blocks: body.init(fold(key, "blocks")),
      memoryNorm: norm.init(fold(key, "memoryNorm")),
      queries: normal<tf.Rank.R2>(fold(key, "queries"), [count, width]),
      decoder: decoder.map((each, index) => each.init(fold(fold(key, "decoder"), index))),
      norm: norm.init(fold(key, "norm")),
      imageHead: imageHead.init(fold(key, "imageHead")),
    }),
    apply: (params, images: tf.Tensor4D, context: Context): tf.Tensor1D => look(params, images, context).image,
  });
  type Params = ParamsOf<typeof layer>;

  /** Logits of the queries `[B, m]`, of the images `[B]`, and the last weights `[B, m, N]`, averaged over heads. */
  function look(params: Params, images: tf.Tensor4D, context: Context) {
    expectShape(images, ["B", ...imageShape], "set discriminator input");
    const [batch] = images.shape;
    const input = { x: tokens.apply(params.tokens, images, context), styles: [] };
    const memory = norm.apply(
      params.memoryNorm,
      body.apply(params.blocks, input, contextAt(context, "blocks")),
      context,
    );
    let queries = tf.broadcastTo(tf.expandDims(params.queries), [batch, count, width]) as tf.Tensor3D;
    let weights = tf.zeros([batch, 1, count, 1]) as tf.Tensor4D;
    for (const [index, each] of decoder.entries()) {
      const own = params.decoder[index] as Params["decoder"][number];
      ({ queries, weights } = each.attend(own, { queries, memory }, contextAt(context, `decoder/${index}`)));
    }
    const logits = tf.reshape(imageHead.apply(params.imageHead, norm.apply(params.norm, queries, context), context), [
      batch,
      count,
    ]);
    const image = (pool === "mean" ? tf.mean(logits, 1) : tf.logSumExp(logits, 1)) as tf.Tensor1D;
    return { logits, image, seen: tf.mean(weights, 1) as tf.Tensor3D };
  }

  /** Both answers. */
  function judge(params: Params, images: tf.Tensor4D, context: Context) {
    const { logits, image, seen } = look(params, images, context);
    const shares = tf.div(seen, tf.add(tf.sum(seen, 1, true), 1e-8));
    const patches = tf.sum(tf.mul(shares, tf.expandDims(logits, 2)), 1); // [B, N]
    return { image, pixels: upsample(tf.reshape(patches, [images.shape[0], side, side, 1]), patchSize) };
  }
  const queries = {
    apply: (params: Params, images: tf.Tensor4D, context: Context) => look(params, images, context).seen,
  };
  return { discriminator: layer, pixelLogits: { apply: judge }, queries };
}
