import type { Context } from "@ganymede/core";
import { observeRows, scatterWeights } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

/** Side of a tile that is aimed at: 7 x 7 neighbourhoods of its 64 pixels are 196 pixels, not 64 x 49. */
const wantedSide = 8;

/** One side of a map in tiles of one size; the last one may reach beyond the map. */
interface Side {
  readonly length: number;
  readonly count: number;
  readonly size: number;
  /** Pixels of a tile and its halo. */
  readonly span: number;
}

/** A map in tiles, each with the pixels up to `reach` around it, its halo. */
export interface HaloTiles {
  readonly rows: Side;
  readonly columns: Side;
  readonly reach: number;
}

/** The last tile has more than `reach` pixels of the map, so that the neighbourhood of a pixel at the border fits when it is moved inside. */
function sideOf(length: number, reach: number): Side {
  let count = Math.ceil(length / wantedSide);
  const size = () => Math.ceil(length / count);
  while (count > 1 && length - (count - 1) * size() <= reach) count--;
  return { length, count, size: size(), span: size() + 2 * reach };
}

/** Tiles for neighbourhoods of 2 reach + 1 pixels a side. */
export const haloTiles = (height: number, width: number, reach: number): HaloTiles => ({
  rows: sideOf(height, reach),
  columns: sideOf(width, reach),
  reach,
});

/** Overlapping runs of `span` along the second axis: `[A, L, W]` -> `[A, count, span, W]`; run t begins at place t size. */
function runs(x: tf.Tensor3D, { count, size }: Side, span: number): tf.Tensor4D {
  const [outer, , inner] = x.shape;
  const pieces = Math.ceil(span / size);
  const parts = Array.from({ length: pieces }, (_, piece) => {
    const blocks = tf.slice3d(x, [0, piece * size, 0], [outer, count * size, inner]);
    const apart: tf.Tensor4D = tf.reshape(blocks, [outer, count, size, inner]);
    return tf.slice4d(apart, [0, 0, 0, 0], [outer, count, Math.min(size, span - piece * size), inner]);
  });
  return tf.concat(parts, 2);
}

/** Pixels of each tile and `reach` around it, zeros beyond the map: `[G, H, W, D]` -> `[G, tiles, pixels, D]`. */
function cut(x: tf.Tensor4D, { rows, columns }: HaloTiles, reach: number): tf.Tensor4D {
  const [groups, , , depth] = x.shape;
  const margins = ({ length, count, size }: Side): [number, number] => {
    const whole = (count - 1 + Math.ceil((size + 2 * reach) / size)) * size;
    return [reach, whole - length - reach];
  };
  const padded = tf.pad4d(x, [[0, 0], margins(rows), margins(columns), [0, 0]]);
  const [, height, width] = padded.shape;
  const [down, right] = [rows.size + 2 * reach, columns.size + 2 * reach];
  const bands = runs(tf.reshape(padded, [groups, height, width * depth]), rows, down);
  const tiles = runs(tf.reshape(bands, [groups * rows.count * down, width, depth]), columns, right);
  const apart = tf.reshape(tiles, [groups, rows.count, down, columns.count, right * depth]);
  return tf.reshape(tf.transpose(apart, [0, 1, 3, 2, 4]), [groups, rows.count * columns.count, down * right, depth]);
}

/** The pixels of each tile: `[G, H, W, D]` -> `[G, tiles, Q, D]`. */
export const toTiles = (x: tf.Tensor4D, tiles: HaloTiles): tf.Tensor4D => cut(x, tiles, 0);

/** The pixels of each tile and its halo, zeros beyond the map: `[G, H, W, D]` -> `[G, tiles, K, D]`. */
export const withHalos = (x: tf.Tensor4D, tiles: HaloTiles): tf.Tensor4D => cut(x, tiles, tiles.reach);

/** Undoes `toTiles`. */
export function fromTiles(x: tf.Tensor4D, { rows, columns }: HaloTiles): tf.Tensor4D {
  const [groups, , , depth] = x.shape;
  const apart = tf.reshape(x, [groups, rows.count, columns.count, rows.size, columns.size * depth]);
  const map = tf.reshape(tf.transpose(apart, [0, 1, 3, 2, 4]), [groups, rows.count * rows.size, -1, depth]);
  return tf.slice4d(map as tf.Tensor4D, [0, 0, 0, 0], [groups, rows.length, columns.length, depth]);
}

/** A query's tile, its place there, and the tokens of the tile with its halo, -1 beyond the map. */
function keysOf(query: number, { rows, columns, reach }: HaloTiles) {
  const [row, column] = [Math.floor(query / columns.length), query % columns.length];
  const [top, left] = [Math.floor(row / rows.size), Math.floor(column / columns.size)];
  const tokens = Array.from({ length: rows.span * columns.span }, (_, place) => {
    const y = top * rows.size + Math.floor(place / columns.span) - reach;
    const x = left * columns.size + (place % columns.span) - reach;
    return y >= 0 && y < rows.length && x >= 0 && x < columns.length ? y * columns.length + x : -1;
  });
  const position = (row % rows.size) * columns.size + (column % columns.size);
  return { tile: top * columns.count + left, position, tokens };
}

/** Reports weights `[B heads, tiles, Q, K]` as attention over the map. */
export function observeTiles(context: Context, weights: tf.Tensor4D, heads: number, tiles: HaloTiles): void {
  const grid = [tiles.rows.length, tiles.columns.length] as const;
  const count = grid[0] * grid[1];
  const row = (query: number): tf.Tensor3D => {
    const { tile, position, tokens } = keysOf(query, tiles);
    const own = tf.slice4d(weights, [0, tile, position, 0], [-1, 1, 1, -1]);
    return scatterWeights(tf.reshape(own, [-1, heads, tokens.length]), tokens, count);
  };
  observeRows(context, { heads, queries: count, keys: count, row }, { queryGrid: grid, keyGrid: grid });
}
