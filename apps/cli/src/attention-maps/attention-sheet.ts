import { GanymedeError } from "@ganymede/core";
import type { Sheet } from "@ganymede/training/node";
import { imageSheet } from "@ganymede/training/node";
import type { AttentionLayer, TokenMap } from "./attention-layers.js";
import type { Tile } from "./draw-attention.js";
import { framed, heatTile, imageTile, segmentTile, spaced } from "./draw-attention.js";

/** A layer whose attention is drawn, with its weights `[B, heads, queries, keys]`. */
export interface WeighedLayer extends AttentionLayer {
  readonly weights: Float32Array;
}

/** One column of the sheet: a layer, and one of its heads or the mean over them. */
export interface Column {
  readonly layer: WeighedLayer;
  /** From 1; null for the mean. */
  readonly head: number | null;
}

export interface SheetOptions {
  readonly images: Uint8Array;
  readonly imageShape: readonly [number, number, number];
  readonly columns: readonly Column[];
  /** Row and column of the token whose attention is shown, in units of the largest map; its middle where undefined. */
  readonly query: readonly [row: number, column: number] | undefined;
}

/** Sides that small images are brought to, at least. */
const smallestTile = 128;

/** Pixels between tiles. */
const gap = 4;

/** Weights `[queries, keys]` of one image in one column. */
function weightsOf({ layer, head }: Column, image: number): Float32Array {
  const { heads, queries, keys, weights } = layer;
  const one = queries * keys;
  const of = (index: number) => weights.subarray((image * heads + index) * one, (image * heads + index + 1) * one);
  if (head !== null) return of(head - 1);
  const mean = new Float32Array(one);
  for (let index = 0; index < heads; index++) {
    for (const [at, value] of of(index).entries()) mean[at] = (mean[at] as number) + value / heads;
  }
  return mean;
}

/** The token of a map under a token of the largest map. */
function tokenUnder(query: readonly [number, number], largest: number, { side }: TokenMap): readonly [number, number] {
  const scaled = (at: number) => Math.floor((at * side) / largest);
  return [scaled(query[0]), scaled(query[1])];
}

function columnTile(column: Column, image: number, picture: Tile, query: readonly [number, number], largest: number) {
  const { drawable, keys } = column.layer;
  const weights = weightsOf(column, image);
  if (drawable.kind === "latents") return segmentTile(picture, weights, drawable.queries);
  if (drawable.kind === "other") return picture;
  const { queries } = drawable;
  const [row, at] = tokenUnder(query, largest, queries);
  const token = queries.before + row * queries.side + at;
  const own = weights.subarray(token * keys, (token + 1) * keys);
  return framed(heatTile(picture, own, drawable.keys), queries, row, at);
}

/**
 * A row per image: the image, then a tile per column.
 *
 * @throws GanymedeError `invalid-argument` for a query outside of the largest map.
 */
export function attentionSheet({ images, imageShape, columns, query }: SheetOptions): Sheet {
  const [side, , channels] = imageShape;
  const bytes = side * side * channels;
  const large = side * Math.max(1, Math.ceil(smallestTile / side));
  const sides = columns.flatMap(({ layer: { drawable } }) => (drawable.kind === "map" ? [drawable.queries.side] : []));
  const largest = Math.max(1, ...sides);
  const [row, column] = query ?? [Math.floor(largest / 2), Math.floor(largest / 2)];
  if (row >= largest || column >= largest) {
    throw new GanymedeError(
      "invalid-argument",
      `--query: it must be inside of the map of ${largest} x ${largest} tokens, got ${row},${column}; rows and columns count from 0`,
    );
  }
  const tiles: Tile[] = [];
  for (let image = 0; image * bytes < images.length; image++) {
    const picture = imageTile(images.subarray(image * bytes, (image + 1) * bytes), channels, large);
    const marked = sides.length === 0 ? picture : framed(picture, { side: largest, before: 0 }, row, column);
    tiles.push(marked, ...columns.map((each) => columnTile(each, image, picture, [row, column], largest)));
  }
  const wide = large + gap;
  const pixels = Buffer.concat(tiles.map((tile) => spaced(tile, gap).pixels));
  return imageSheet(pixels, [wide, wide, 3], columns.length + 1);
}
