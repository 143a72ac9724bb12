/**
 * Stand-alone local self-attention: each pixel attends to the k x k pixels around it, y_i = sum_a softmax_a(q_i (k_a + r_(a-i))) v_a,
 * where half of each head's r belongs to the row's offset and half to the column's. It takes a convolution's place.
 * Shapes: x [B, H, W, C] -> [B, H, W, C]; tables of offsets [k, heads, D / 2], D even.
 * Cost: 3 H W C^2 + 2 H W k^2 C multiply-adds, for tiles of 8 x 8 pixels, whose halos make
 * that (k + 7)^2; as many weights for each head, and ((k + 7) / 8)^2 copies of keys and values.
 * Source: Ramachandran et al. 2019, arXiv 1906.05909, section 3.
 * Differs from source: `border: "masked"` hides what lies beyond the border; the paper's zeros there still have a logit, q r.
 * `scaled` divides logits by sqrt(D), which keeps them small at the start; the paper does not.
 */
import type { AttentionOptions } from "@ganymede/core";
import { defineMapAttention, expectShape, GanymedeError, normal } from "@ganymede/core";
import type { SettingsOf } from "@ganymede/core/config";
import { flag, oneOf, record, whole } from "@ganymede/core/config";
import { compose, headWidthOf, learned, mergeHeads, linear as plainLinear, splitHeads } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { HaloTiles } from "./parts/halo-tiles.js";
import { fromTiles, haloTiles, observeTiles, toTiles, withHalos } from "./parts/halo-tiles.js";
import { hidden } from "./parts/hidden.js";
import { expectOdd } from "./parts/neighbourhoods.js";

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

/**
 * Logits of the offsets along one axis, hidden outside the neighbourhood: q `[B heads, tiles, Q, D / 2]` and a table `[k, heads, D / 2]`
 * -> `[B heads tiles, Q, span]`, for each query of a tile and each line of the tile with its halo.
 *
 * @param size lines of a tile along that axis.
 * @param stride queries of a tile from a line to the next.
 */
function offsetLogits(q: tf.Tensor4D, table: tf.Tensor3D, size: number, stride: number): tf.Tensor3D {
  const [kernel, heads, half] = table.shape;
  const [groups, tiles, queries] = q.shape;
  const ofHeads: tf.Tensor4D = tf.reshape(q, [groups / heads, heads, tiles * queries, half]);
  const products = tf.matMul(ofHeads, tf.expandDims(tf.transpose(table, [1, 2, 0]), 0)); // [B, heads, tiles Q, k]
  const lines: tf.Tensor4D = tf.reshape(products, [-1, size, stride, kernel]);
  // A query in line i sees the lines i to i + k - 1.
  const moved = Array.from({ length: size }, (_, line) => {
    const around: [number, number] = [line, size - 1 - line];
    return tf.pad4d(tf.slice4d(lines, [0, line, 0, 0], [-1, 1, -1, -1]), [[0, 0], [0, 0], [0, 0], around], hidden);
  });
  return tf.reshape(tf.concat(moved, 1), [groups * tiles, queries, size + kernel - 1]);
}

/** What is added to the logits of lines beyond the map: `[tiles along the axis, span]`. */
function beyondMap(
  { length, count, size, span }: HaloTiles["rows"],
  reach: number,
  border: LocalSettings["border"],
): tf.Tensor2D {
  if (border === "zeros") return tf.zeros([count, span]);
  const values = Float32Array.from({ length: count * span }, (_, i) => {
    const line = Math.floor(i / span) * size + (i % span) - reach;
    return line >= 0 && line < length ? 0 : hidden;
  });
  return tf.tensor2d(values, [count, span]);
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
    const reach = (kernel - 1) / 2;
    const tiles = haloTiles(height, width, reach);
    const { rows, columns } = tiles;
    const apart = (y: tf.Tensor): tf.Tensor4D =>
      tf.reshape(splitHeads(tf.reshape(y, [batch, height * width, inner]), heads), [-1, height, width, depth]);
    const query = part.query(x);
    const q = toTiles(apart(scaled ? tf.mul(query, 1 / Math.sqrt(depth)) : query), tiles); // [B heads, T, Q, D]
    const [k, v] = [part.keys(x), part.value(x)].map((y) => withHalos(apart(y), tiles)) as [tf.Tensor4D, tf.Tensor4D];
    const [forRows, forColumns] = tf.split(q, 2, 3) as [tf.Tensor4D, tf.Tensor4D];
    const [groups, count, queries] = q.shape;
    // Tiles of a row of tiles share the lines down, those of a column of tiles the lines to the right.
    const down = tf.add(
      tf.reshape(offsetLogits(forRows, part.rows, rows.size, columns.size), [groups, rows.count, -1, rows.span]),
      tf.expandDims(beyondMap(rows, reach, border), 1),
    );
    const right = tf.add(
      tf.reshape(offsetLogits(forColumns, part.columns, columns.size, 1), [-1, columns.count, queries, columns.span]),
      tf.expandDims(beyondMap(columns, reach, border), 1),
    );
    const logits = tf.add(
      tf.add(
        tf.reshape(tf.matMul(q, k, false, true), [groups * count, queries, rows.span, columns.span]),
        tf.reshape(down, [groups * count, queries, rows.span, 1]),
      ),
      tf.reshape(right, [groups * count, queries, 1, columns.span]),
    );
    const weights: tf.Tensor4D = tf.softmax(tf.reshape(logits, [groups, count, queries, rows.span * columns.span]));
    observeTiles(context, weights, heads, tiles);
    const mixed = fromTiles(tf.matMul(weights, v), tiles); // [B heads, H, W, D]
    const merged = mergeHeads(tf.reshape(mixed, [batch, heads, height * width, depth]));
    const map: tf.Tensor4D = tf.reshape(merged, [batch, height, width, inner]);
    return part.output === undefined ? map : part.output(map);
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
