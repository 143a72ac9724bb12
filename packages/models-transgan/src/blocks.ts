import type { Context, Layer, ParamTree, SelfAttention } from "@ganymede/core";
import { defineLayer, fold } from "@ganymede/core";
import { contextAt, joinPatches, splitPatches } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { BlockInput, BlockOptions } from "./block.js";
import { block } from "./block.js";

export interface BlocksOptions extends Omit<BlockOptions, "side"> {
  readonly depth: number;
  /** Side of the square map of tokens. */
  readonly side: number;
  /** Side of the squares that attention runs in; null for the whole map. */
  readonly window: number | null;
  /** Attention of the last block, where it is another. */
  readonly lastAttention?: SelfAttention;
}

/** Blocks over the tokens of a map. */
export type Blocks = Layer<readonly ParamTree[], BlockInput, tf.Tensor3D>;

/**
 * Blocks over a map `[B, side side, C]`, row by row. With a window, the map is cut once before the first block and put together once
 * after the last, for everything but the attention works token by token.
 *
 * Source: Jiang, Chang and Wang 2021, arXiv 2102.07074, section 3.3.
 */
export function blocks(options: BlocksOptions, variant: SelfAttention): Blocks {
  const { depth, side, width, lastAttention = variant } = options;
  const window = Math.min(options.window ?? side, side);
  const layers = Array.from({ length: depth }, (_, index) =>
    block({ ...options, side: window }, index === depth - 1 ? lastAttention : variant),
  );
  const cut = (x: tf.Tensor3D): tf.Tensor3D =>
    tf.reshape(splitPatches(tf.reshape(x, [-1, side, side, width]), window), x.shape);
  const join = (x: tf.Tensor3D): tf.Tensor3D => {
    const patches = tf.reshape(x, [-1, side / window, side / window, window ** 2 * width]) as tf.Tensor4D;
    return tf.reshape(joinPatches(patches, window), x.shape);
  };
  return defineLayer({
    init: (key) => layers.map((layer, index) => layer.init(fold(key, index)) as ParamTree),
    apply(params: readonly ParamTree[], { x, memory }: BlockInput, context?: Context): tf.Tensor3D {
      const run = (start: tf.Tensor3D) =>
        layers.reduce(
          (y, layer, index) =>
            layer.apply(params[index] as never, { x: y, memory: memory ?? null }, contextAt(context, index)),
          start,
        );
      return window === side || depth === 0 ? run(x) : join(run(cut(x)));
    },
  });
}
