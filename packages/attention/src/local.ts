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
import { defineLayer, defineMapAttention, expectShape, fold, GanymedeError, normal } from "@ganymede/core";
import type { SettingsOf } from "@ganymede/core/config";
import { flag, oneOf, record, whole } from "@ganymede/core/config";
import type { LinearParams } from "@ganymede/core/nn";
import { headWidthOf, observeRows, linear as plainLinear, scatterWeights } from "@ganymede/core/nn";
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

export type LocalParams = {
  readonly query: LinearParams;
  readonly keys: LinearParams;
  readonly value: LinearParams;
  readonly rows: tf.Tensor3D;
  readonly columns: tf.Tensor3D;
  readonly output?: LinearParams;
};

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
  const joined = output ? linear({ inputs: inner, outputs: inner }) : undefined;
  return defineLayer<LocalParams, tf.Tensor4D, tf.Tensor4D>({
    init: (key) => ({
      query: project.init(fold(key, "query")),
      keys: project.init(fold(key, "keys")),
      value: project.init(fold(key, "value")),
      rows: normal(fold(key, "rows"), [kernel, heads, depth / 2]),
      columns: normal(fold(key, "columns"), [kernel, heads, depth / 2]),
      ...(joined === undefined ? {} : { output: joined.init(fold(key, "output")) }),
    }),
    apply(params, x, context) {
      expectShape(x, ["B", "H", "W", channels], "local input");
      const [batch, height, width] = x.shape;
      const around = [batch, height * width, kernel ** 2, heads, depth];
      const q = tf.reshape(project.apply(params.query, x, context), [batch, height * width, 1, heads, depth]);
      const k = tf.reshape(neighbourhoods(project.apply(params.keys, x, context), kernel), around);
      const v = tf.reshape(neighbourhoods(project.apply(params.value, x, context), kernel), around);
      const placed = tf.add(k, offsets(params.rows, params.columns)); // [B, N, k k, heads, D]
      const products = tf.sum(tf.mul(q, placed), 4); // [B, N, k k, heads]
      const logits = scaled ? tf.mul(products, 1 / Math.sqrt(depth)) : products;
      const mask = tf.mul(tf.sub(1, insideMask(height, width, kernel)), border === "masked" ? hidden : 0);
      const seen = tf.transpose(tf.add(logits, tf.expandDims(mask, 2)), [0, 1, 3, 2]); // [B, N, heads, k k]
      const shares = tf.softmax(seen) as tf.Tensor4D; // [B, N, heads, k k]
      const grid = [height, width] as const;
      const row = (query: number): tf.Tensor3D => {
        const own = tf.reshape<tf.Rank.R3>(tf.slice4d(shares, [0, query, 0, 0], [-1, 1, -1, -1]), [batch, heads, -1]);
        return scatterWeights(own, neighboursOf(query, height, width, kernel), height * width);
      };
      const tokens = height * width;
      observeRows(context, { heads, queries: tokens, keys: tokens, row }, { queryGrid: grid, keyGrid: grid });
      const weights = tf.expandDims(tf.transpose(shares, [0, 1, 3, 2]), 4); // [B, N, k k, heads, 1]
      const mixed = tf.reshape(tf.sum(tf.mul(weights, v), 2), [batch, height, width, inner]) as tf.Tensor4D;
      return joined === undefined || params.output === undefined ? mixed : joined.apply(params.output, mixed, context);
    },
  });
}

export const local = defineMapAttention({
  id: "local",
  source: "https://arxiv.org/abs/1906.05909",
  defaults: { kernel: 7, border: "zeros", scaled: false, output: false } as LocalSettings,
  settings,
  create: (chosen, options) => localLayer(options, chosen),
});
