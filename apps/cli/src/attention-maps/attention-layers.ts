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

type Counts = Pick<AttentionLayer, "heads" | "queries" | "keys"> & { readonly batch: number };

/** Keys may be of the queries' map, or of one of half the side. */
function keysOf({ side }: TokenMap, keys: number): TokenMap | null {
  const found = mapOf(keys, 0);
  return found !== null && (found.side === side || found.side * 2 === side) ? found : null;
}

/** True when pixels read tokens that can be no map of theirs. */
function readsOthers({ queries, keys }: Counts): boolean {
  const map = mapOf(queries, 0);
  return map !== null && keys < queries && keysOf(map, keys) === null;
}

/**
 * Numbers of tokens that are latents: as the model says, or those that attend among themselves and are read by pixels of whose map they
 * cannot be.
 */
function latentCounts(layers: readonly Counts[], { batch, components }: LayerOptions): ReadonlySet<number> {
  const whole = layers.filter((layer) => layer.batch === batch);
  const read = whole.filter(readsOthers).map(({ keys }) => keys);
  const found = read.filter((count) => whole.some(({ queries, keys }) => queries === count && keys === count));
  return new Set(components === undefined ? found : [...found, components]);
}

/** Which tokens are pixels is told from their numbers: maps are square. */
function drawableOf(layer: Counts, known: ReadonlySet<number>, options: LayerOptions): Drawable {
  const other = (reason: string): Drawable => ({ kind: "other", reason });
  const { batch, queries, keys } = layer;
  if (batch !== options.batch) return other("inside windows or other parts of the map");
  if (known.has(queries)) return other("from latents");
  const map = mapOf(queries, 0);
  if (map !== null) {
    if (keys < queries && (known.has(keys) || options.latents)) return { kind: "latents", queries: map };
    const of = keysOf(map, keys);
    if (of !== null) return { kind: "map", queries: map, keys: of };
    return other(keys < queries ? "keys are no map, perhaps latents" : "keys are no map");
  }
  const withClass = mapOf(queries, 1);
  if (withClass !== null && keys === queries) return { kind: "map", queries: withClass, keys: withClass };
  return other("queries are no map");
}

/** The layers of recorded weights, `[B, queries, keys]` or `[B, heads, queries, keys]` each. */
export function attentionLayers(shapes: readonly (readonly number[])[], options: LayerOptions): AttentionLayer[] {
  const layers = shapes.map((shape): Counts => {
    const [queries, keys] = shape.slice(-2) as [number, number];
    return { batch: shape[0] as number, heads: shape.length === 3 ? 1 : (shape[1] as number), queries, keys };
  });
  const known = latentCounts(layers, options);
  return layers.map((layer, index) => {
    const { heads, queries, keys } = layer;
    return { number: index + 1, heads, queries, keys, drawable: drawableOf(layer, known, options) };
  });
}
