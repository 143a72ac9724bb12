import * as tf from "@tensorflow/tfjs-core";
import type { Layer } from "../contracts/layer.js";
import type { ParamTree } from "../tree/param-tree.js";
import { firstTokens } from "./class-token.js";
import { compose } from "./compose.js";
import { layerNorm } from "./layer-norm.js";
import type { MlpOptions } from "./mlp.js";
import { mlp } from "./mlp.js";

/** A layer from tokens to tokens, `[B, N, C]` to the same shape. */
export type TokenLayer = Layer<ParamTree, tf.Tensor3D, tf.Tensor3D>;

/** Sizes and parts of a transformer block. */
export interface TransformerBlockOptions extends MlpOptions {
  /** Attention or token mixer, whose output is an update. */
  readonly attention: TokenLayer;
  /** Factory of the norms before attention and MLP. Default: `layerNorm`. */
  readonly norm?: (width: number) => TokenLayer;
  /** Factor of each sum; sqrt(0.5) keeps the variance without norms. Default: 1. */
  readonly gain?: number;
  /** Tokens per window: attention and its norm treat each window as a separate sample. Default: all tokens. */
  readonly window?: number | undefined;
  /** Number of leading tokens to return, such as 1 for the class token in the last block. Default: all. */
  readonly keep?: number | undefined;
}

/**
 * Pre-norm transformer block: h = gain (x + attention(norm(x))), y = gain (h + mlp(norm(h))). Everything after the attention is
 * tokenwise, so tokens that are not returned are dropped right after it.
 *
 * Shape: x `[B, N, width]` to `[B, keep, width]`; with windows, N must be a multiple of their size.
 * Source: Dosovitskiy et al. 2021, ViT, arXiv 2010.11929, section 3.1.
 */
export function transformerBlock(options: TransformerBlockOptions) {
  const { width, attention, norm = () => layerNorm({ width }), gain = 1, window, keep } = options;
  const sum = (x: tf.Tensor3D, y: tf.Tensor3D): tf.Tensor3D => (gain === 1 ? tf.add(x, y) : tf.mul(tf.add(x, y), gain));
  const parts = { attentionNorm: norm(width), attention, mlpNorm: norm(width), mlp: mlp(options) };
  return compose(parts, (part, x: tf.Tensor3D): tf.Tensor3D => {
    const windows = window === undefined ? x : tf.reshape<tf.Rank.R3>(x, [-1, window, width]);
    const update = part.attention(part.attentionNorm(windows));
    const attended = window === undefined ? update : tf.reshape<tf.Rank.R3>(update, x.shape);
    const count = keep ?? x.shape[1];
    const mixed = sum(firstTokens(x, count), firstTokens(attended, count));
    return sum(mixed, part.mlp(part.mlpNorm(mixed)));
  });
}
