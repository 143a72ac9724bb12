import { cross, dotProduct } from "@ganymede/attention";
import type { Context, ModelParts, ParamsOf } from "@ganymede/core";
import { expectShape, normal } from "@ganymede/core";
import type { Bound } from "@ganymede/core/nn";
import {
  allWeights,
  compose,
  layerNorm,
  learned,
  equalizedLinear as linear,
  mlp,
  observingAttention,
  upsample,
} from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { blocks, mixerOf } from "./blocks.js";
import type { SetDiscriminatorConfig } from "./config.js";
import { classedHead, patchTokens } from "./pixel-discriminator.js";

/** Queries and what they read. */
interface QueriesInput {
  /** `[B, m, width]`. */
  readonly queries: tf.Tensor3D;
  /** `[B, N, width]`. */
  readonly memory: tf.Tensor3D;
}

/**
 * A decoder layer: queries attend to each other, then to the tokens of the image, then pass an MLP, each after a norm and beside a
 * shortcut.
 *
 * Source: Carion et al. 2020, DETR, arXiv 2005.12872, section 3.2. Differs from source: norms come before.
 */
function queryDecoder({ width, headWidth, mlpRatio }: SetDiscriminatorConfig) {
  const sizes = { channels: width, heads: width / headWidth, linear };
  const parts = {
    selfNorm: layerNorm({ width }),
    self: dotProduct().create(sizes),
    crossNorm: layerNorm({ width }),
    cross: cross().create(sizes),
    mlpNorm: layerNorm({ width }),
    mlp: mlp({ width, hidden: mlpRatio * width, linear }),
  };
  return compose(parts, (part, { queries, memory }: QueriesInput): tf.Tensor3D => {
    const asked = tf.add<tf.Tensor3D>(queries, part.self(part.selfNorm(queries)));
    const seen = tf.add<tf.Tensor3D>(asked, part.cross({ x: part.crossNorm(asked), memory }));
    return tf.add(seen, part.mlp(part.mlpNorm(seen)));
  });
}

/**
 * A discriminator of learned queries: blocks over the image's patches, then a decoder in which m queries attend to them; each gives a
 * logit. The image's is their mean, or the logarithm of the sum of their exponentials; a pixel's is their sum weighted by how much of the
 * attention to its patch is each query's: sum_q a_q(p) / (sum_r a_r(p)) l_q, a the last layer's weights, averaged over heads.
 *
 * Shape: images `[B, H, W, C]` to `[B]`, to `[B, H, W, 1]`, and to the attention of the queries, `[B, m, N]`.
 * Source: our own, after Carion et al. 2020, DETR, arXiv 2005.12872.
 */
export function createSetDiscriminator(
  imageShape: readonly [number, number, number],
  config: SetDiscriminatorConfig,
  outside: ModelParts,
  classes = 0,
) {
  const { patchSize, width, depth, decoderDepth, queries: count, headWidth, mlpRatio, attention, pool } = config;
  const [imageSize, , channels] = imageShape;
  const side = imageSize / patchSize;
  const sizes = { width, heads: width / headWidth, side, where: "discriminator.attention" };
  const parts = {
    tokens: patchTokens({ ...config, channels }),
    blocks: blocks({ width, count: depth, mlpRatio, mixer: mixerOf(attention, outside, sizes) }),
    memoryNorm: layerNorm({ width }),
    queries: learned((key) => normal<tf.Rank.R2>(key, [count, width])),
    decoder: Array.from({ length: decoderDepth }, () => queryDecoder(config)),
    norm: layerNorm({ width }),
    imageHead: classedHead({ inputs: width, outputs: 1, classes }),
  };

  /** Logits of the queries, `[B, m]`. */
  function logitsOf(part: Bound<typeof parts>, images: tf.Tensor4D): tf.Tensor2D {
    expectShape(images, ["B", ...imageShape], "set discriminator input");
    const memory = part.memoryNorm(part.blocks({ x: part.tokens(images) }));
    const start = tf.broadcastTo<tf.Rank.R3>(tf.expandDims(part.queries), [images.shape[0], count, width]);
    const queries = part.decoder.reduce((each, layer) => layer({ queries: each, memory }), start);
    return tf.reshape(part.imageHead(part.norm(queries)), [-1, count]);
  }

  const pooled = (logits: tf.Tensor2D): tf.Tensor1D => (pool === "mean" ? tf.mean(logits, 1) : tf.logSumExp(logits, 1));
  const discriminator = compose(parts, (part, images: tf.Tensor4D) => pooled(logitsOf(part, images)));
  type Params = ParamsOf<typeof discriminator>;

  /** Logits of the queries, and the last layer's attention to the patches, `[B, m, N]`, averaged over heads. */
  function look(params: Params, images: tf.Tensor4D, context: Context) {
    const last = [...context.path, "decoder", decoderDepth - 1, "cross"].join(".");
    const seen: tf.Tensor3D[] = [];
    const observing = observingAttention(context, (attention, path) => {
      if (path.join(".") === last) seen.push(tf.mean(allWeights(attention), 1));
    });
    return { logits: logitsOf(discriminator.bind(params, observing), images), seen: seen[0]! };
  }

  const pixelLogits = {
    apply(params: Params, images: tf.Tensor4D, context: Context) {
      const { logits, seen } = look(params, images, context);
      const shares = tf.div(seen, tf.add(tf.sum(seen, 1, true), 1e-8));
      const patches = tf.sum(tf.mul(shares, tf.expandDims(logits, 2)), 1); // [B, N]
      const pixels = upsample(tf.reshape(patches, [images.shape[0], side, side, 1]), patchSize);
      return { image: pooled(logits), pixels };
    },
  };
  const queries = {
    apply: (params: Params, images: tf.Tensor4D, context: Context) => look(params, images, context).seen,
  };
  return { discriminator, pixelLogits, queries };
}
