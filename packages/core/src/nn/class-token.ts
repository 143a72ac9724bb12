import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../contracts/layer.js";
import { normal } from "../random/draw.js";

/** Width and initial scale of a class token. */
export interface ClassTokenOptions {
  /** Width of the tokens. */
  readonly width: number;
  /** Standard deviation of the initial token. Default: 0.02. */
  readonly deviation?: number;
}

/**
 * Prepends a learned class token to the tokens of each image: x `[B, N, width]` to `[B, N + 1, width]`. Its parameter is the token, `[width]`.
 *
 * Source: Dosovitskiy et al. 2021, ViT, arXiv 2010.11929, section 3.1.
 */
export const classToken = ({ width, deviation = 0.02 }: ClassTokenOptions) =>
  defineLayer<tf.Tensor1D, tf.Tensor3D, tf.Tensor3D>({
    init: (key) => normal<tf.Rank.R1>(key, [width], 0, deviation),
    apply: (token, x) =>
      tf.concat3d([tf.broadcastTo<tf.Rank.R3>(tf.reshape(token, [1, 1, width]), [x.shape[0], 1, width]), x], 1),
  });

/** The first `count` tokens: x `[B, N, C]` to `[B, count, C]`. */
export function firstTokens(x: tf.Tensor3D, count: number): tf.Tensor3D {
  const [batch, tokens, width] = x.shape;
  return count === tokens ? x : tf.slice3d(x, [0, 0, 0], [batch, count, width]);
}
