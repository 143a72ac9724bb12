/**
 * Local attention with a softmax of its own for every channel: y_c = sum_a softmax_a(q_c (k_ac + r_ac)) v_ac over the k x k pixels
 * around. What a widely used port of stand-alone attention computes, whose products are never summed over a head; kept for its
 * weights, `local` is the paper's form.
 * Shapes: x [B, H, W, C] -> [B, H, W, C]; tables of offsets [k, C / 2], rows for the first half of the channels, columns for the other.
 * Cost: 3 H W C^2 + 2 H W k^2 C multiply-adds, H W k^2 C weights.
 * Source: leaderj1001/Stand-Alone-Self-Attention, `attention.py`.
 * Differs from source: none. Differs from the paper (arXiv 1906.05909, section 3): no sum over a head's channels, halves of all
 * channels instead of each head's. `heads` has no effect.
 */
import type { AttentionOptions } from "@ganymede/core";
import { defineMapAttention, expectShape, GanymedeError, normal } from "@ganymede/core";
import { record, whole } from "@ganymede/core/config";
import { compose, learned, observeRows, linear as plainLinear, scatterWeights } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { expectOdd, neighbourhoods, neighboursOf } from "./parts/neighbourhoods.js";

/** Both tables, [k, C / 2] each, as [k k, C]. */
function offsets(rows: tf.Tensor2D, columns: tf.Tensor2D): tf.Tensor2D {
  const [kernel, half] = rows.shape;
  const down = tf.broadcastTo(tf.expandDims(rows, 1), [kernel, kernel, half]);
  const right = tf.broadcastTo(tf.expandDims(columns, 0), [kernel, kernel, half]);
  return tf.reshape(tf.concat([down, right], 2), [kernel ** 2, 2 * half]);
}

/** The layer with an output of its own width: `[B, H, W, C]` to `[B, H, W, outputs]`; `outputs` is C by default. */
export function localPerChannelLayer(
  { channels, linear = plainLinear }: AttentionOptions,
  { kernel }: { readonly kernel: number },
  inner = channels,
) {
  expectOdd(kernel, "localPerChannel");
  if (inner % 2 !== 0) {
    throw new GanymedeError("invalid-argument", `localPerChannel: channels must be even, got ${inner}`);
  }
  const project = linear({ inputs: channels, outputs: inner, bias: false });
  const table = learned((key) => normal<tf.Rank.R2>(key, [kernel, inner / 2]));
  const parts = { query: project, keys: project, value: project, rows: table, columns: table };
  return compose(parts, (part, x: tf.Tensor4D, context): tf.Tensor4D => {
    expectShape(x, ["B", "H", "W", channels], "localPerChannel input");
    const q = tf.expandDims(part.query(x), 3); // [B, H, W, 1, C]
    const k = neighbourhoods(part.keys(x), kernel); // [B, H, W, k k, C]
    const v = neighbourhoods(part.value(x), kernel);
    const logits = tf.mul(q, tf.add(k, offsets(part.rows, part.columns))); // [B, H, W, k k, C]
    const shares = tf.softmax(tf.transpose(logits, [0, 1, 2, 4, 3])); // [B, H, W, C, k k]
    const [batch, height, width] = x.shape;
    const [grid, tokens] = [[height, width] as const, height * width];
    const row = (query: number): tf.Tensor3D => {
      const all = tf.reshape<tf.Rank.R4>(shares, [batch, tokens, inner, kernel ** 2]);
      const own = tf.reshape<tf.Rank.R3>(tf.slice4d(all, [0, query, 0, 0], [-1, 1, -1, -1]), [batch, inner, -1]);
      return scatterWeights(own, neighboursOf(query, height, width, kernel), tokens);
    };
    // Every channel is a head of its own.
    observeRows(context, { heads: inner, queries: tokens, keys: tokens, row }, { queryGrid: grid, keyGrid: grid });
    return tf.sum(tf.mul(tf.transpose(shares, [0, 1, 2, 4, 3]), v), 3);
  });
}

export const localPerChannel = defineMapAttention({
  id: "local-per-channel",
  source: "https://github.com/leaderj1001/Stand-Alone-Self-Attention",
  defaults: { kernel: 7 },
  settings: record({
    /** Side of a neighbourhood, odd. Default: 7. */
    kernel: whole(),
  }),
  create: (settings, options) => localPerChannelLayer(options, settings),
});
