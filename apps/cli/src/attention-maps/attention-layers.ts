import type { AttentionLayer } from "@ganymede/training";

/** Tokens of a square map, row-major, after `before` other tokens (such as a class token). */
export interface TokenMap {
  readonly side: number;
  readonly before: number;
}

/** How the attention of a layer can be drawn. */
export type Drawable =
  | { readonly kind: "map"; readonly queries: TokenMap; readonly keys: TokenMap }
  | { readonly kind: "latents"; readonly queries: TokenMap }
  | { readonly kind: "other"; readonly reason: string };

type Grid = AttentionLayer["queryGrid"];

const squareOf = (grid: Grid): TokenMap | null =>
  grid !== undefined && grid[0] === grid[1] && grid[0] > 1 ? { side: grid[0], before: 0 } : null;

/** A class token followed by a square map, if the number of tokens fits. */
function behindClassToken(tokens: number): TokenMap | null {
  const side = Math.sqrt(tokens - 1);
  return Number.isInteger(side) && side > 1 ? { side, before: 1 } : null;
}

/** How to draw a layer: attention from pixels to pixels as a heat map, from pixels to other tokens as segments. */
export function drawableOf({ queryGrid, keyGrid, queries, keys }: AttentionLayer): Drawable {
  const own = squareOf(queryGrid) ?? (queryGrid === undefined && queries === keys ? behindClassToken(queries) : null);
  if (own === null) return { kind: "other", reason: queryGrid ? "the map is not square" : "the queries are not a map" };
  const read = squareOf(keyGrid) ?? (keyGrid === undefined && queryGrid === undefined ? own : null);
  if (read !== null) return { kind: "map", queries: own, keys: read };
  return keyGrid === undefined
    ? { kind: "latents", queries: own }
    : { kind: "other", reason: "the keys are not a square map" };
}
