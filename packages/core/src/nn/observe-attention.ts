import * as tf from "@tensorflow/tfjs-core";
import type { Context } from "../contracts/layer.js";
import type { ObservedAttention } from "../contracts/observation.js";

type Grid = readonly [rows: number, columns: number];

/** Grids whose pixels the queries and keys are; a grid whose size is not the number of tokens is ignored. */
export interface AttentionGrids {
  readonly queryGrid?: Grid | undefined;
  readonly keyGrid?: Grid | undefined;
}

function fittingGrids({ queryGrid, keyGrid }: AttentionGrids, queries: number, keys: number) {
  const fits = (grid: Grid | undefined, tokens: number): grid is Grid =>
    grid !== undefined && grid[0] * grid[1] === tokens;
  return { ...(fits(queryGrid, queries) && { queryGrid }), ...(fits(keyGrid, keys) && { keyGrid }) };
}

/** Reports attention that never materialises its weights: `row(query)` computes those of one query `[B, heads, M]` on demand. */
export function observeRows(
  context: Context,
  attention: Pick<ObservedAttention, "heads" | "queries" | "keys" | "row">,
  grids: AttentionGrids = {},
): void {
  const { observe, path } = context;
  observe?.("attention", { ...attention, ...fittingGrids(grids, attention.queries, attention.keys) }, path);
}

/**
 * Reports attention weights `[B, heads, N, M]` to the observer of the network: `ganymede attend`, the diversity term, plugins. Free
 * without an observer.
 */
export function observeWeights(context: Context, weights: tf.Tensor4D, grids: AttentionGrids = {}): void {
  const { observe, path } = context;
  if (observe === undefined) return;
  const [batch, heads, queries, keys] = weights.shape;
  const row = (query: number): tf.Tensor3D =>
    tf.reshape(tf.slice4d(weights, [0, 0, query, 0], [batch, heads, 1, keys]), [batch, heads, keys]);
  observe("attention", { heads, queries, keys, weights, row, ...fittingGrids(grids, queries, keys) }, path);
}

/** A context that transforms reports of attention inside, such as attention in windows into attention over their map. */
export function observedAs(context: Context, change: (inside: ObservedAttention) => ObservedAttention): Context {
  const { observe } = context;
  if (observe === undefined) return context;
  return {
    ...context,
    observe: (name, value, path) => {
      if (name === "attention") observe("attention", change(value as ObservedAttention), path);
      else observe(name, value, path);
    },
  };
}

/** A context that passes reports of attention to `receive`, and all reports to the existing observer. */
export function observingAttention(
  context: Context,
  receive: (attention: ObservedAttention, path: Context["path"]) => void,
): Context {
  return {
    ...context,
    observe: (name, value, path) => {
      if (name === "attention") receive(value as ObservedAttention, path);
      context.observe?.(name, value, path);
    },
  };
}

/** Attention weights of all queries, `[B, heads, N, M]`, computed row by row if the variant never materialises them; the caller owns the result. */
export function allWeights({ weights, queries, row }: ObservedAttention): tf.Tensor4D {
  if (weights !== undefined) return tf.clone(weights);
  return tf.stack(
    Array.from({ length: queries }, (_, query) => row(query)),
    2,
  ) as tf.Tensor4D;
}

/** Groups of a map's tokens that attend within themselves; the groups of an image are consecutive along the batch axis. */
export interface AttentionGroups {
  readonly grid: Grid;
  /** Number of groups per image. */
  readonly groups: number;
  /** The group of a token of the map, and its position in the group. */
  place(token: number): { readonly group: number; readonly position: number };
  /** The map's tokens in a group, in order; -1 for a position beyond the map's border. */
  tokens(group: number): readonly number[];
}

/** Weights `[B, heads, K]` over some of N tokens as weights over all, 0 for the others: `[B, heads, N]`. */
export function scatterWeights(weights: tf.Tensor3D, tokens: readonly number[], count: number): tf.Tensor3D {
  const [batch, heads, keys] = weights.shape;
  const choice = new Float32Array(keys * count);
  for (const [place, token] of tokens.entries()) if (token >= 0) choice[place * count + token] = 1;
  const rows = tf.reshape<tf.Rank.R2>(weights, [batch * heads, keys]);
  return tf.reshape(tf.matMul(rows, tf.tensor2d(choice, [keys, count])), [batch, heads, count]);
}

/** A context that reports attention within groups as attention over the whole map, with weight 0 for tokens of other groups. */
export function observedInGroups(context: Context, { grid, groups, place, tokens }: AttentionGroups): Context {
  const count = grid[0] * grid[1];
  return observedAs(context, (inside) => {
    const row = (query: number): tf.Tensor3D => {
      const { group, position } = place(query);
      const all = inside.row(position); // [B groups, heads, K]
      const [, heads, keys] = all.shape;
      const own = tf.slice4d(tf.reshape(all, [-1, groups, heads, keys]), [0, group, 0, 0], [-1, 1, heads, keys]);
      return scatterWeights(tf.reshape(own, [-1, heads, keys]), tokens(group), count);
    };
    return { heads: inside.heads, queries: count, keys: count, queryGrid: grid, keyGrid: grid, row };
  });
}
