import * as tf from "@tensorflow/tfjs-core";

/** Side of the box: floor(side * ratio + 0.5). */
export function boxSide(side: number, ratio: number): number {
  return Math.floor(side * ratio + 0.5);
}

/** 1 inside the box along one axis, else 0: `[B, side]`. The box is clamped to the image, border included. */
function inside(centre: tf.Tensor1D, side: number, box: number): tf.Tensor2D {
  const start = tf.reshape(tf.sub(tf.cast(centre, "float32"), Math.floor(box / 2)), [-1, 1]);
  const first = tf.minimum(tf.maximum(start, 0), side - 1);
  const last = tf.minimum(tf.maximum(tf.add(start, box - 1), 0), side - 1);
  const at = tf.reshape(tf.range(0, side, 1, "float32"), [1, side]);
  return tf.cast(tf.logicalAnd(tf.greaterEqual(at, first), tf.lessEqual(at, last)), "float32");
}

/**
 * Zeroes a box of `ratio` times the sides around a centre: x `[B, H, W, C]`, rows and columns `[B]` integers. Coordinates of the box
 * outside the image are clamped, so a box that starts outside also zeroes the border row.
 *
 * @param present `[B]`, 1 for samples with a box and 0 for the others. Default: all ones.
 */
export function cutout(
  x: tf.Tensor4D,
  rows: tf.Tensor1D,
  columns: tf.Tensor1D,
  ratio: number,
  present?: tf.Tensor1D,
): tf.Tensor4D {
  const [, height, width] = x.shape;
  const insideRows = inside(rows, height, boxSide(height, ratio));
  const counted = present === undefined ? insideRows : tf.mul(insideRows, tf.reshape(present, [-1, 1]));
  const insideColumns = inside(columns, width, boxSide(width, ratio));
  const box = tf.mul(tf.expandDims(counted, 2), tf.expandDims(insideColumns, 1)); // [B, H, W]
  return tf.mul(x, tf.expandDims(tf.sub(1, box), 3));
}
