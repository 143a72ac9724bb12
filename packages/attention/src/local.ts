/**
 * Stand-alone local self-attention: each pixel attends to the k x k pixels around it, y_i = sum_a softmax_a(q_i (k_a + r_(a-i))) v_a,
 * where half of each head's r belongs to the row's offset and half to the column's. It takes a convolution's place.
 * Shapes: x [B, H, W, C] -> [B, H, W, C]; tables of offsets [k, heads, D / 2], D even.
 * Cost: 3 H W C^2 + 2 H W k^2 C multiply-adds, H W k^2 weights for each head and as many copies of keys and values.
 * Source: Ramachandran et al. 2019, arXiv 1906.05909, section 3.
 * Differs from source: `border: "masked"` hides what lies beyond the border; the paper's zeros there still have a logit, q r.
 * `scaled` divides logits by sqrt(D), which keeps them small at the start; the paper does not.
 */
import type { AttentionOptions } from "@ganymede/core";
import { defineMapAttention, expectShape, GanymedeError, normal } from "@ganymede/core";
import type { SettingsOf } from "@ganymede/core/config";
import { flag, oneOf, record, whole } from "@ganymede/core/config";
import { compose, headWidthOf, learned, observeRows, linear as plainLinear, scatterWeights } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { hidden } from "./parts/hidden.js";
import { expectOdd, insideMask, neighbourhoods, neighboursOf } from "./parts/neighbourhoods.js";

const settings = record({
  /** Side of a neighbourhood, odd. Default: 7. */
  kernel: whole(),
  /** What lies beyond the map. Default: `zeros`. */
  border: oneOf("zeros", "masked"),
  /** Whether logits are divided by sqrt(D). Default: false. */
  scaled: flag,
  /** Whether a linear map of all heads together follows, as in other attentions; the paper has none. Default: false. */
  output: flag,
});

export type LocalSettings = SettingsOf<typeof settings>;

/** Both tables as one vector for each neighbour: [k, heads, D / 2] twice -> [k k, heads, D]. */
function offsets(rows: tf.Tensor3D, columns: tf.Tensor3D): tf.Tensor3D {
  const [kernel, heads, half] = rows.shape;
  const down = tf.broadcastTo(tf.expandDims(rows, 1), [kernel, kernel, heads, half]);
  const right = tf.broadcastTo(tf.expandDims(columns, 0), [kernel, kernel, heads, half]);
  return tf.reshape(tf.concat([down, right], 3), [kernel ** 2, heads, 2 * half]);
}

/** The layer with an output of its own width: `[B, H, W, C]` to `[B, H, W, outputs]`; `outputs` is C by default. */
export function localLayer(
  { channels, heads, linear = plainLinear }: AttentionOptions,
  { kernel, border, scaled, output }: LocalSettings,
  inner = channels,
) {
  expectOdd(kernel, "local");
  const depth = headWidthOf({ channels: inner, heads }, "local"); // D
  if (depth % 2 !== 0) {
    throw new GanymedeError("invalid-argument", `local: a head must be an even number of channels wide, got ${depth}`);
  }
  const project = linear({ inputs: channels, outputs: inner, bias: false });
  const table = learned((key) => normal<tf.Rank.R3>(key, [kernel, heads, depth / 2]));
  const parts = {
    query: project,
    keys: project,
    value: project,
    rows: table,
    columns: table,
    output: output ? linear({ inputs: inner, outputs: inner }) : undefined,
  };
  return compose(parts, (part, x: tf.Tensor4D, context): tf.Tensor4D => {
    expectShape(x, ["B", "H", "W", channels], "local input");
    const [batch, height, width] = x.shape;
    const around = [batch, height * width, kernel ** 2, heads, depth];
    const q = tf.reshape(part.query(x), [batch, height * width, 1, heads, depth]);
    const k = tf.reshape(neighbourhoods(part.keys(x), kernel), around);
    const v = tf.reshape(neighbourhoods(part.value(x), kernel), around);
    const placed = tf.add(k, offsets(part.rows, part.columns)); // [B, N, k k, heads, D]
    const products = tf.sum(tf.mul(q, placed), 4); // [B, N, k k, heads]
    const logits = scaled ? tf.mul(products, 1 / Math.sqrt(depth)) : products;
    const mask = tf.mul(tf.sub(1, insideMask(height, width, kernel)), border === "masked" ? hidden : 0);
    const seen: tf.Tensor4D = tf.transpose(tf.add(logits, tf.expandDims(mask, 2)), [0, 1, 3, 2]); // [B, N, heads, k k]
    const shares = tf.softmax(seen); // [B, N, heads, k k]
    const grid = [height, width] as const;
    const row = (query: number): tf.Tensor3D => {
      const own = tf.reshape<tf.Rank.R3>(tf.slice4d(shares, [0, query, 0, 0], [-1, 1, -1, -1]), [batch, heads, -1]);
      return scatterWeights(own, neighboursOf(query, height, width, kernel), height * width);
    };
    const tokens = height * width;
    observeRows(context, { heads, queries: tokens, keys: tokens, row }, { queryGrid: grid, keyGrid: grid });
    const weights = tf.expandDims(tf.transpose(shares, [0, 1, 3, 2]), 4); // [B, N, k k, heads, 1]
    const mixed: tf.Tensor4D = tf.reshape(tf.sum(tf.mul(weights, v), 2), [batch, height, width, inner]);
    return part.output === undefined ? mixed : part.output(mixed);
  });
}

const defaults: LocalSettings = { kernel: 7, border: "zeros", scaled: false, output: false };

export const local = defineMapAttention({
  id: "local",
  source: "https://arxiv.org/abs/1906.05909",
  defaults,
  settings,
  create: (chosen, options) => localLayer(options, chosen),
});
