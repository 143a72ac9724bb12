import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../contracts/layer.js";
import { normal } from "../random/draw.js";

/**
 * Index of the offset between pixels i and j of a grid, row-major, in a table of all offsets: `[N N]` of
 * (r_i - r_j + rows - 1)(2 columns - 1) + c_i - c_j + columns - 1.
 */
export function relativeIndex(rows: number, columns: number): Int32Array {
  const count = rows * columns;
  return Int32Array.from({ length: count * count }, (_, place) => {
    const [i, j] = [Math.floor(place / count), place % count];
    const down = Math.floor(i / columns) - Math.floor(j / columns) + rows - 1;
    const right = (i % columns) - (j % columns) + columns - 1;
    return down * (2 * columns - 1) + right;
  });
}

export interface RelativePositionOptions {
  readonly grid: readonly [rows: number, columns: number];
  readonly heads: number;
  /** Standard deviation of the initial values. Default: 0.02. */
  readonly deviation?: number;
}

/**
 * Relative position bias: a learned number for every offset between two pixels of a grid and every head, `[heads, N, N]`.
 *
 * Source: Shaw et al. 2018, arXiv 1803.02155; two-dimensional as in Swin, Liu et al. 2021, arXiv 2103.14030, section 3.2, and
 * TransGAN, Jiang et al. 2021, arXiv 2102.07074, section 3.4.
 */
export const relativePositionTable = ({ grid: [rows, columns], heads, deviation = 0.02 }: RelativePositionOptions) => {
  const tokens = rows * columns;
  // For 4096 tokens it has 16.8 million entries, so it is created only when the layer is applied.
  let index: Int32Array | undefined;
  return defineLayer<{ readonly table: tf.Tensor2D }, void, tf.Tensor3D>({
    init: (key) => ({ table: normal<tf.Rank.R2>(key, [(2 * rows - 1) * (2 * columns - 1), heads], 0, deviation) }),
    apply(params) {
      index ??= relativeIndex(rows, columns);
      const gathered = tf.gather(params.table, tf.tensor1d(index, "int32")); // [N N, heads]
      return tf.reshape(tf.transpose(gathered), [heads, tokens, tokens]);
    },
  });
};
