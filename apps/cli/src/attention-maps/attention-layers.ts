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

/** A layer in which queries attend to keys. */
export interface AttentionLayer {
  /** From 1, in the order in which layers run. */
  readonly number: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  readonly drawable: Drawable;
}

export interface LayerOptions {
  /** Images that were run at once. */
  readonly batch: number;
  /** Latents that images attend to, where the model says so. */
  readonly components: number | undefined;
  /** Keys that are fewer than the queries are latents, also where they could be a map. */
  readonly latents: boolean;
}

function mapOf(tokens: number, before: number): TokenMap | null {
  const side = Math.sqrt(tokens - before);
  return Number.isInteger(side) && side >= 2 ? { side, before } : null;
}

/** Which tokens are pixels is told from their numbers: maps are square, and keys may be of a map of half the side. */
function drawableOf(queries: number, keys: number, { components, latents }: LayerOptions): Drawable {
  const other = (reason: string): Drawable => ({ kind: "other", reason });
  if (queries === components) return other("from latents");
  const map = mapOf(queries, 0);
  if (map !== null && keys < queries && (keys === components || latents)) return { kind: "latents", queries: map };
  if (map !== null) {
    const of = mapOf(keys, 0);
    if (of !== null && (of.side === map.side || of.side * 2 === map.side))
      return { kind: "map", queries: map, keys: of };
    return other(keys < queries ? "keys are no map, perhaps latents" : "keys are no map");
  }
  const withClass = mapOf(queries, 1);
  if (withClass !== null && keys === queries) return { kind: "map", queries: withClass, keys: withClass };
  return other("queries are no map");
}

/** The layers of recorded weights, `[B, queries, keys]` or `[B, heads, queries, keys]` each. */
export function attentionLayers(shapes: readonly (readonly number[])[], options: LayerOptions): AttentionLayer[] {
  return shapes.map((shape, index) => {
    const [batch, heads, queries, keys] = (shape.length === 3 ? [shape[0], 1, ...shape.slice(1)] : shape) as [
      number,
      number,
      number,
      number,
    ];
    const whole = batch === options.batch;
    const drawable: Drawable = whole
      ? drawableOf(queries, keys, options)
      : { kind: "other", reason: "inside windows or other parts of the map" };
    return { number: index + 1, heads, queries, keys, drawable };
  });
}
