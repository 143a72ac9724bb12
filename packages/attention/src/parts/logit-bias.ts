import type { AttentionOptions, Layer, ParamTree } from "@ganymede/core";
import { defineLayer, GanymedeError } from "@ganymede/core";
import { relativePositionTable } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { hidden } from "./hidden.js";

/** Something that is added to the logits of attention among N tokens: a term for positions, or a mask. */
export interface LogitBias {
  /** A layer that takes the number of tokens N; its output broadcasts to [B, H, N, N]. */
  create(options: AttentionOptions): Layer<ParamTree, number, tf.Tensor>;
}

/** The grid of the options, which a variant with positions cannot do without. */
export function gridOf({ grid }: AttentionOptions, who: string): readonly [rows: number, columns: number] {
  if (grid === undefined) {
    throw new GanymedeError(
      "invalid-argument",
      `${who}: a variant with positions needs "grid", got none; give [rows, columns]`,
    );
  }
  return grid;
}

/** A learned number for each offset between two pixels and each head (`relativePositionTable` of core). Needs a grid. */
export const relativePositionBias = ({ deviation = 0.02 }: { readonly deviation?: number } = {}): LogitBias => ({
  create(options) {
    const grid = gridOf(options, "relativePositionBias");
    const table = relativePositionTable({ grid, heads: options.heads, deviation });
    return defineLayer({
      init: table.init,
      apply: (params, _tokens: number, context) => table.apply(params, undefined, context),
    });
  },
});

/** A mask of one's own: `sees(i, j)` says whether token i may attend to token j of N. */
export const maskBias = (sees: (i: number, j: number, options: AttentionOptions) => boolean): LogitBias => ({
  create: (options) => ({
    init: () => ({}),
    apply: (_, tokens) =>
      tf.tensor2d(
        Float32Array.from({ length: tokens * tokens }, (_value, place) =>
          sees(Math.floor(place / tokens), place % tokens, options) ? 0 : hidden,
        ),
        [tokens, tokens],
      ),
  }),
});
