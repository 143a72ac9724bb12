import type { AttentionOptions, Context } from "@ganymede/core";
import { observeRows } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

/**
 * Reports attention whose weights are computed for one query at a time: `weigh` takes q of one token `[B, H, 1, D]` and gives its weights
 * `[B, H, 1, M]` over all tokens. Queries and keys are the pixels of the options' grid.
 */
export function observeQueries(
  context: Context,
  q: tf.Tensor4D,
  { grid }: AttentionOptions,
  weigh: (one: tf.Tensor4D) => tf.Tensor,
): void {
  const [batch, heads, queries, width] = q.shape;
  const row = (query: number): tf.Tensor3D =>
    tf.reshape(weigh(tf.slice4d(q, [0, 0, query, 0], [batch, heads, 1, width])), [batch, heads, queries]);
  observeRows(context, { heads, queries, keys: queries, row }, { queryGrid: grid, keyGrid: grid });
}
