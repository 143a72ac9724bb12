import type { Key } from "@ganymede/core";
import { fold, uniform } from "@ganymede/core";
import { gridPositions, sinusoidalGrid } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { PositionConfig } from "./config.js";

export type MapPositionParams = { readonly [name: string]: tf.Tensor };

/** Encodings of the positions of a square map, row by row, `[side side, width]`; columns' features come first. */
export interface MapPosition {
  init(key: Key): MapPositionParams;
  apply(params: MapPositionParams): tf.Tensor2D;
}

/** Places of the pixels along so many directions, evenly turned: `[side side, directions]`. */
function along(side: number, directions: number): tf.Tensor2D {
  const angles = Array.from({ length: directions }, (_, index) => (Math.PI * index) / directions);
  return tf.matMul(gridPositions(side), tf.tensor2d([angles.map(Math.cos), angles.map(Math.sin)]));
}

type Makers = {
  readonly [Kind in Exclude<PositionConfig["kind"], "none">]: (
    config: Extract<PositionConfig, { readonly kind: Kind }>,
    side: number,
    width: number,
  ) => MapPosition;
};

const makers: Makers = {
  sinusoidal: ({ directions }, side, width) => ({
    init: () => ({}),
    apply: () => sinusoidalGrid(side, width, directions),
  }),
  linear: ({ directions }, side, width) => ({
    init: (key) => ({ directions: uniform(key, [directions, width / directions], 0, 1) }),
    apply: ({ directions: vectors }) => {
      const places = tf.expandDims(along(side, directions), 2); // [N, directions, 1]
      return tf.reshape(tf.mul(places, vectors as tf.Tensor), [side * side, width]);
    },
  }),
  axes: (_, side, width) => ({
    init: (key) => ({
      columns: uniform(fold(key, "columns"), [side, width / 2], 0, 1),
      rows: uniform(fold(key, "rows"), [side, width / 2], 0, 1),
    }),
    apply({ columns, rows }) {
      const shape = [side, side, width / 2];
      const across = tf.broadcastTo(tf.expandDims(columns as tf.Tensor, 0), shape);
      const down = tf.broadcastTo(tf.expandDims(rows as tf.Tensor, 1), shape);
      return tf.reshape(tf.concat([across, down], 2), [side * side, width]);
    },
  }),
  table: (_, side, width) => ({
    init: (key) => ({ table: uniform(key, [side * side, width], 0, 1) }),
    apply: ({ table }) => table as tf.Tensor2D,
  }),
};

/**
 * The encoding that a config names, undefined for none.
 *
 * Source: Hudson and Zitnick 2021, GANsformer, arXiv 2103.01209, section 3.1; dorarad/gansformer, `get_positional_encoding`.
 */
export function mapPosition(config: PositionConfig, side: number, width: number): MapPosition | undefined {
  if (config.kind === "none") return undefined;
  const make = makers[config.kind] as (config: PositionConfig, side: number, width: number) => MapPosition;
  return make(config, side, width);
}
