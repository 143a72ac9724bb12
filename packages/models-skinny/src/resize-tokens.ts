import { defineLayer, fold } from "@ganymede/core";
import type { LayerNormParams, LinearParams } from "@ganymede/core/nn";
import { equalizedLinear, layerNorm, pixelShuffle, splitPatches } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

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
export function mergeTokens(width: number) {
  const norm = layerNorm({ width: 4 * width });
  const reduce = equalizedLinear({ inputs: 4 * width, outputs: 2 * width, bias: false });
  return defineLayer<{ readonly norm: LayerNormParams; readonly reduce: LinearParams }, tf.Tensor3D, tf.Tensor3D>({
    init: (key) => ({ norm: norm.init(fold(key, "norm")), reduce: reduce.init(fold(key, "reduce")) }),
    apply: (params, x, context) =>
      reduce.apply(params.reduce, norm.apply(params.norm, asTokens(splitPatches(asMap(x), 2)), context), context),
  });
}

/** A map twice as large, and what stood there on the way down. */
export interface JoinInput {
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
export function expandTokens(width: number) {
  const spread = equalizedLinear({ inputs: width, outputs: 2 * width });
  const join = equalizedLinear({ inputs: width, outputs: width / 2 });
  return defineLayer<{ readonly spread: LinearParams; readonly join: LinearParams }, JoinInput, tf.Tensor3D>({
    init: (key) => ({ spread: spread.init(fold(key, "spread")), join: join.init(fold(key, "join")) }),
    apply(params, { x, skip }, context) {
      const larger = asTokens(pixelShuffle(asMap(spread.apply(params.spread, x, context)), 2));
      return join.apply(params.join, tf.concat3d([larger, skip], 2), context);
    },
  });
}
