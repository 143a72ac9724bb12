import type { AttentionLayer } from "@ganymede/training";

/** Tokens of a map of side `side`, row by row, after `before` tokens that are none of it (a class token). */
export interface TokenMap {
  readonly side: number;
  readonly before: number;
}

/** What can be drawn of a layer of attention. */
export type Drawable =
  | { readonly kind: "map"; readonly queries: TokenMap; readonly keys: TokenMap }
  | { readonly kind: "latents"; readonly queries: TokenMap }
  | { readonly kind: "other"; readonly reason: string };

type Grid = AttentionLayer["queryGrid"];

const squareOf = (grid: Grid): TokenMap | null =>
  grid !== undefined && grid[0] === grid[1] && grid[0] > 1 ? { side: grid[0], before: 0 } : null;

/** A class token and a square map behind it, if the tokens are as many. */
function behindClassToken(tokens: number): TokenMap | null {
  const side = Math.sqrt(tokens - 1);
  return Number.isInteger(side) && side > 1 ? { side, before: 1 } : null;
}

/** How a layer is drawn: pixels that read pixels as heat, pixels that read anything else as segments. */
export function drawableOf({ queryGrid, keyGrid, queries, keys }: AttentionLayer): Drawable {
  const own = squareOf(queryGrid) ?? (queryGrid === undefined && queries === keys ? behindClassToken(queries) : null);
  if (own === null) return { kind: "other", reason: queryGrid ? "the map is not square" : "queries are no map" };
  const read = squareOf(keyGrid) ?? (keyGrid === undefined && queryGrid === undefined ? own : null);
  if (read !== null) return { kind: "map", queries: own, keys: read };
  return keyGrid === undefined
    ? { kind: "latents", queries: own }
    : { kind: "other", reason: "keys are no square map" };
}
