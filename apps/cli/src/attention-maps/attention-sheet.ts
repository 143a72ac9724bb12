import { GanymedeError } from "@ganymede/core";
import type { AttentionLayer, AttentionMaps } from "@ganymede/training";
import type { Sheet } from "@ganymede/training/node";
import { imageSheet } from "@ganymede/training/node";
import type { Drawable, TokenMap } from "./attention-layers.js";
import type { Tile } from "./draw-attention.js";
import { framed, heatTile, imageTile, segmentTile, spaced } from "./draw-attention.js";

/** A layer of a network, and how it can be drawn. */
export interface DrawnLayer extends AttentionLayer {
  /** Number of the layer, from 1, in execution order. */
  readonly number: number;
  readonly drawable: Drawable;
}

/** A column of the sheet: a layer, and one of its heads or the mean over them. */
export interface Column {
  readonly layer: DrawnLayer;
  /** Head, from 1; null for the mean. */
  readonly head: number | null;
}

export interface SheetOptions {
  readonly images: Uint8Array;
  readonly imageShape: readonly [number, number, number];
  readonly columns: readonly Column[];
  /** Rows of every layer of the network, including those that `rowsOf` returns. */
  readonly layers: readonly AttentionMaps[];
  readonly query: QueryPlace;
}

/** Least side to which small images are enlarged. */
const smallestTile = 128;

/** Pixels between tiles. */
const gap = 4;

/** The token whose attention is shown, in units of the largest map. */
export interface QueryPlace {
  readonly row: number;
  readonly column: number;
  readonly largest: number;
}

/**
 * The token of the option, by default the centre of the largest map.
 *
 * @throws GanymedeError `invalid-argument` for a token outside the largest map.
 */
export function queryPlace(
  columns: readonly Column[],
  query: readonly [row: number, column: number] | undefined,
): QueryPlace {
  const sides = columns.flatMap(({ layer: { drawable } }) => (drawable.kind === "map" ? [drawable.queries.side] : []));
  const largest = Math.max(1, ...sides);
  const [row, column] = query ?? [Math.floor(largest / 2), Math.floor(largest / 2)];
  if (row < largest && column < largest) return { row, column, largest };
  throw new GanymedeError(
    "invalid-argument",
    `--query: it must be inside the map of ${largest} x ${largest} tokens, got ${row},${column}; rows and columns count from 0`,
  );
}

/** The token of a map at the query's position. */
function tokenUnder({ row, column, largest }: QueryPlace, { side, before }: TokenMap) {
  const scaled = (at: number) => Math.floor((at * side) / largest);
  const [y, x] = [scaled(row), scaled(column)];
  return { y, x, token: before + y * side + x };
}

/** The queries of a layer that its picture needs. */
export function rowsOf({ drawable, queries }: DrawnLayer, query: QueryPlace): readonly number[] {
  if (drawable.kind === "other") return [];
  if (drawable.kind === "latents") return Array.from({ length: queries }, (_, index) => index);
  return [tokenUnder(query, drawable.queries).token];
}

/** Weights `[rows, keys]` of one image in one column. */
function weightsOf({ layer, head }: Column, { rows, weights }: AttentionMaps, image: number): Float32Array {
  const { heads, keys } = layer;
  const one = rows.length * keys;
  const of = (index: number) => weights.subarray((image * heads + index) * one, (image * heads + index + 1) * one);
  if (head !== null) return of(head - 1);
  const mean = new Float32Array(one);
  for (let index = 0; index < heads; index++) {
    for (const [at, value] of of(index).entries()) mean[at] = (mean[at] as number) + value / heads;
  }
  return mean;
}

function columnTile(column: Column, maps: AttentionMaps, image: number, picture: Tile, query: QueryPlace): Tile {
  const { drawable } = column.layer;
  if (drawable.kind === "other") return picture;
  const weights = weightsOf(column, maps, image);
  if (drawable.kind === "latents") return segmentTile(picture, weights, drawable.queries);
  const { y, x } = tokenUnder(query, drawable.queries);
  return framed(heatTile(picture, weights, drawable.keys), drawable.queries, y, x);
}

/** One row per image: the image, then a tile per column. */
export function attentionSheet({ images, imageShape, columns, layers, query }: SheetOptions): Sheet {
  const [side, , channels] = imageShape;
  const bytes = side * side * channels;
  const large = side * Math.max(1, Math.ceil(smallestTile / side));
  const tiles: Tile[] = [];
  for (let image = 0; image * bytes < images.length; image++) {
    const picture = imageTile(images.subarray(image * bytes, (image + 1) * bytes), channels, large);
    const marked =
      query.largest === 1 ? picture : framed(picture, { side: query.largest, before: 0 }, query.row, query.column);
    const drawn = columns.map((column) =>
      columnTile(column, layers[column.layer.number - 1] as AttentionMaps, image, picture, query),
    );
    tiles.push(marked, ...drawn);
  }
  const wide = large + gap;
  const pixels = Buffer.concat(tiles.map((tile) => spaced(tile, gap).pixels));
  return imageSheet(pixels, [wide, wide, 3], columns.length + 1);
}
