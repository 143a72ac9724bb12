import type { Context, Layer, MixerPart, ParamTree } from "@ganymede/core";
import { defineLayer, expectShape, fold, GanymedeError } from "@ganymede/core";
import { contextAt, joinPatches, splitPatches } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { BlockInput, BlockOptions } from "./block.js";
import { block } from "./block.js";

export interface BlocksOptions extends Omit<BlockOptions, "grid"> {
  readonly depth: number;
  /** Rows and columns of the map of tokens. */
  readonly grid: readonly [rows: number, columns: number];
  /** Side of the squares that attention runs in, which must divide rows and columns; null for the whole map. */
  readonly window: number | null;
  /** Attention of the last block, where it is another. */
  readonly lastAttention?: MixerPart;
}

/** Blocks over the tokens of a map. */
export type Blocks = Layer<readonly ParamTree[], BlockInput, tf.Tensor3D>;

/**
 * Blocks over a map `[B, rows columns, C]`, row by row. With a window, the map is cut once before the first block and put together once
 * after the last, for everything but the attention works token by token.
 *
 * Source: Jiang, Chang and Wang 2021, arXiv 2102.07074, section 3.3.
 * @throws GanymedeError `invalid-argument` when the window does not divide the map, or the map does not have the tokens that come in.
 */
export function blocks(options: BlocksOptions, variant: MixerPart): Blocks {
  const { depth, grid, width, lastAttention = variant } = options;
  const [rows, columns] = grid;
  // A window at least as large as the map is the map itself.
  const window = options.window !== null && options.window < Math.max(rows, columns) ? options.window : null;
  if (window !== null && (rows % window !== 0 || columns % window !== 0)) {
    throw new GanymedeError(
      "invalid-argument",
      `transgan blocks: the window must divide the map, got ${window} and ${rows}x${columns}; choose another window, or null for the whole map`,
    );
  }
  const attended = window === null ? grid : ([window, window] as const);
  const layers = Array.from({ length: depth }, (_, index) =>
    block({ ...options, grid: attended }, index === depth - 1 ? lastAttention : variant),
  );
  const cut = (x: tf.Tensor3D, size: number): tf.Tensor3D =>
    tf.reshape(splitPatches(tf.reshape(x, [x.shape[0], rows, columns, width]), size), x.shape);
  const join = (x: tf.Tensor3D, size: number): tf.Tensor3D => {
    const patches = tf.reshape(x, [x.shape[0], rows / size, columns / size, size ** 2 * width]) as tf.Tensor4D;
    return tf.reshape(joinPatches(patches, size), x.shape);
  };
  return defineLayer({
    init: (key) => layers.map((layer, index) => layer.init(fold(key, index)) as ParamTree),
    apply(params: readonly ParamTree[], { x, memory }: BlockInput, context: Context): tf.Tensor3D {
      expectShape(x, ["B", rows * columns, width], "transgan blocks input");
      const run = (start: tf.Tensor3D) =>
        layers.reduce(
          (y, layer, index) =>
            layer.apply(params[index] as never, { x: y, memory: memory ?? null }, contextAt(context, index)),
          start,
        );
      return window === null || depth === 0 ? run(x) : join(run(cut(x, window)), window);
    },
  });
}
