/**
 * Neighbourhood attention: each pixel attends to the k x k pixels nearest to it that lie inside the map, so that all see k^2 pixels,
 * those at a border as well, with a learned bias for every offset. y = softmax(q k^T / sqrt(D) + b) v over the neighbourhood.
 * Shapes: x [B, H, W, C] -> [B, H, W, C], H and W at least k; bias table [(2k - 1)^2, heads].
 * Cost: 4 H W C^2 + 2 H W k^2 C multiply-adds, for tiles of 8 x 8 pixels, whose halos make
 * that (k + 7)^2; as many weights for each head, and ((k + 7) / 8)^2 copies of keys and values.
 * Source: Hassani et al. 2022, NAT, arXiv 2204.07143, section 3.1.
 * Differs from source: the projections of queries, keys and values have no bias.
 */
import { defineMapAttention, expectShape, GanymedeError, normal } from "@ganymede/core";
import { record, whole } from "@ganymede/core/config";
import { compose, learned } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { HaloTiles } from "./parts/halo-tiles.js";
import { fromTiles, haloTiles, observeTiles, toTiles, withHalos } from "./parts/halo-tiles.js";
import { headProjections } from "./parts/head-projections.js";
import { hidden } from "./parts/hidden.js";
import { expectOdd } from "./parts/neighbourhoods.js";

/** For each query and key of a tile with its halo the place of their offset in the table, [Q K]; 0 where no query looks. */
function offsetPlaces({ rows, columns, reach }: HaloTiles): tf.Tensor1D {
  const side = 4 * reach + 1;
  const keys = rows.span * columns.span;
  const places = Int32Array.from({ length: rows.size * columns.size * keys }, (_, i) => {
    const [query, key] = [Math.floor(i / keys), i % keys];
    const down = Math.floor(key / columns.span) - Math.floor(query / columns.size) + reach;
    const right = (key % columns.span) - (query % columns.size) + reach;
    return down >= 0 && down < side && right >= 0 && right < side ? down * side + right : 0;
  });
  return tf.tensor1d(places, "int32");
}

/** Along one axis, `hidden` for lines outside the neighbourhood that lies inside the map: `[tiles, lines of the tile, span]`. */
function outside({ length, count, size, span }: HaloTiles["rows"], reach: number): Float32Array {
  const kernel = 2 * reach + 1;
  return Float32Array.from({ length: count * size * span }, (_, i) => {
    const first = Math.floor(i / (size * span)) * size;
    const [query, key] = [first + (Math.floor(i / span) % size), first + (i % span) - reach];
    const start = Math.min(Math.max(query - reach, 0), length - kernel);
    return key >= start && key < start + kernel ? 0 : hidden;
  });
}

/** What hides the pixels outside each neighbourhood: `[1, tiles, Q K]`. */
function neighbourhoodMask({ rows, columns, reach }: HaloTiles): tf.Tensor3D {
  const down = tf.tensor(outside(rows, reach), [rows.count, 1, rows.size, 1, rows.span, 1]);
  const right = tf.tensor(outside(columns, reach), [1, columns.count, 1, columns.size, 1, columns.span]);
  return tf.reshape(tf.add(down, right), [1, rows.count * columns.count, -1]);
}

export const neighbourhood = defineMapAttention({
  id: "neighbourhood",
  source: "https://arxiv.org/abs/2204.07143",
  defaults: { kernel: 7 },
  settings: record({
    /** Side of a neighbourhood, odd. Default: 7. */
    kernel: whole(),
  }),
  create({ kernel }, options) {
    expectOdd(kernel, "neighbourhood");
    const { channels, heads } = options;
    const projections = headProjections(options, "neighbourhood");
    const table = learned((key) => normal<tf.Rank.R2>(key, [(2 * kernel - 1) ** 2, heads], 0, 0.02));
    return compose({ ...projections.parts, table }, (part, x: tf.Tensor4D, context): tf.Tensor4D => {
      expectShape(x, ["B", "H", "W", channels], "neighbourhood input");
      const [batch, height, width] = x.shape;
      if (height < kernel || width < kernel) {
        throw new GanymedeError(
          "invalid-argument",
          `neighbourhood: the map must be at least ${kernel} pixels wide and high, got ${height}x${width}; choose a smaller kernel`,
        );
      }
      const [tokens, depth] = [height * width, projections.width];
      const tiles = haloTiles(height, width, (kernel - 1) / 2);
      const { q, k, v } = projections.split(part, tf.reshape(x, [batch, tokens, channels])); // [B, heads, N, D]
      const apart = (y: tf.Tensor4D): tf.Tensor4D => tf.reshape(y, [batch * heads, height, width, depth]);
      const queries = toTiles(apart(tf.mul(q, 1 / Math.sqrt(depth))), tiles); // [B heads, T, Q, D]
      const [near, values] = [withHalos(apart(k), tiles), withHalos(apart(v), tiles)]; // [B heads, T, K, D]
      const products = tf.matMul(queries, near, false, true); // [B heads, T, Q, K]
      const [groups, count, size, keys] = products.shape as [number, number, number, number];
      const bias = tf.reshape(tf.transpose(tf.gather(part.table, offsetPlaces(tiles))), [heads, 1, size * keys]);
      const placed = tf.add(tf.reshape(products, [batch, heads, count, size * keys]), bias);
      const logits = tf.add(tf.reshape(placed, [groups, count, size * keys]), neighbourhoodMask(tiles));
      const weights: tf.Tensor4D = tf.softmax(tf.reshape(logits, [groups, count, size, keys]));
      observeTiles(context, weights, heads, tiles);
      const mixed: tf.Tensor4D = tf.reshape(fromTiles(tf.matMul(weights, values), tiles), [
        batch,
        heads,
        tokens,
        depth,
      ]);
      return tf.reshape(projections.join(part, mixed), x.shape);
    });
  },
});
