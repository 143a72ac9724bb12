import type { Context, SelfAttentionPart } from "@ganymede/core";
import { defineLayer, fold } from "@ganymede/core";
import { contextAt, equalizedLinear, layerNorm, mlp } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { TransformerDiscriminatorConfig } from "./config.js";

/** The first `count` tokens. */
export function firstTokens(x: tf.Tensor3D, count: number): tf.Tensor3D {
  const [batch, , width] = x.shape;
  return tf.slice3d(x, [0, 0, 0], [batch, count, width]);
}

export interface DiscriminatorBlockInput {
  readonly x: tf.Tensor3D;
  /** How many of the first tokens are asked for; the last block needs the class token alone. All where left out. */
  readonly keep?: number;
}

/**
 * Pre-norm transformer block: h' = MSA(LN(h)) + h, then MLP(LN(h')) + h'. Everything after the attention works token by token, so
 * tokens that nobody reads are dropped right after it.
 * Shapes: x `[B, N, D]` gives `[B, keep or N, D]`.
 * Source: Dosovitskiy et al. 2021, ViT, arXiv 2010.11929, section 3.1.
 */
export function discriminatorBlock(config: TransformerDiscriminatorConfig, variant: SelfAttentionPart) {
  const { width, heads, mlpWidth } = config;
  const norm = layerNorm({ width });
  const attention = variant.create({ channels: width, heads, linear: equalizedLinear });
  const feedForward = mlp({ width, hidden: mlpWidth, linear: equalizedLinear });
  return defineLayer({
    init: (key) => ({
      attentionNorm: norm.init(fold(key, "attentionNorm")),
      attention: attention.init(fold(key, "attention")),
      mlpNorm: norm.init(fold(key, "mlpNorm")),
      mlp: feedForward.init(fold(key, "mlp")),
    }),
    apply(params, { x, keep = x.shape[1] }: DiscriminatorBlockInput, context: Context): tf.Tensor3D {
      const normed = norm.apply(params.attentionNorm, x, context);
      const attended = attention.apply(params.attention, normed, contextAt(context, "attention"));
      const wanted = (tokens: tf.Tensor3D) => (keep === x.shape[1] ? tokens : firstTokens(tokens, keep));
      const mixed = tf.add(wanted(attended), wanted(x)) as tf.Tensor3D;
      return tf.add(feedForward.apply(params.mlp, norm.apply(params.mlpNorm, mixed, context), context), mixed);
    },
  });
}
