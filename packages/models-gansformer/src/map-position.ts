import type { Layer, ParamTree } from "@ganymede/core";
import { uniform } from "@ganymede/core";
import { compose, gridPositions, learned, sinusoidalGrid } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { PositionConfig } from "./config.js";

/** Positional encoding of a square map, row by row, `[side side, width]`; the features of columns come first. */
export type MapPosition = Layer<ParamTree, void, tf.Tensor2D>;

const table = (rows: number, width: number) => learned((key) => uniform<tf.Rank.R2>(key, [rows, width], 0, 1));

/** The pixels' coordinates along so many evenly turned directions, `[side side, directions, 1]`. */
function along(side: number, directions: number): tf.Tensor3D {
  const angles = Array.from({ length: directions }, (_, index) => (Math.PI * index) / directions);
  const axes = tf.tensor2d([angles.map(Math.cos), angles.map(Math.sin)]);
  return tf.reshape(tf.matMul(gridPositions(side), axes), [side * side, directions, 1]);
}

/**
 * The positional encoding that a config names; undefined for none.
 *
 * Source: Hudson and Zitnick 2021, GANsformer, arXiv 2103.01209, section 3.1; dorarad/gansformer, `get_positional_encoding`.
 */
export function mapPosition(config: PositionConfig, side: number, width: number): MapPosition | undefined {
  switch (config.kind) {
    case "none":
      return undefined;
    case "sinusoidal":
      return compose({}, () => sinusoidalGrid(side, width, config.directions));
    case "linear": {
      const { directions } = config;
      return compose(
        { directions: table(directions, width / directions) },
        (part): tf.Tensor2D => tf.reshape(tf.mul(along(side, directions), part.directions), [side * side, width]),
      );
    }
    case "axes":
      return compose({ columns: table(side, width / 2), rows: table(side, width / 2) }, (part): tf.Tensor2D => {
        const shape: [number, number, number] = [side, side, width / 2];
        const across = tf.broadcastTo<tf.Rank.R3>(tf.expandDims(part.columns, 0), shape);
        const down = tf.broadcastTo<tf.Rank.R3>(tf.expandDims(part.rows, 1), shape);
        return tf.reshape(tf.concat3d([across, down], 2), [side * side, width]);
      });
    case "table":
      return compose({ table: table(side * side, width) }, (part) => part.table);
  }
}
