import * as tf from "@tensorflow/tfjs-core";

/** Largest shift along a side: floor(side * ratio + 0.5). */
export function largestShift(side: number, ratio: number): number {
  return Math.floor(side * ratio + 0.5);
}

/** `[B, side, side]` with S[b, i, k] = 1 where k = i + shift[b]: multiplying by it shifts and pads with zeros. */
function shiftMatrix(shift: tf.Tensor1D, side: number): tf.Tensor3D {
  const from = tf.reshape(tf.range(0, side, 1, "float32"), [1, side, 1]);
  const to = tf.reshape(tf.range(0, side, 1, "float32"), [1, 1, side]);
  const wanted = tf.add(from, tf.reshape(tf.cast(shift, "float32"), [-1, 1, 1])); // [B, side, 1]
  return tf.cast(tf.equal(wanted, to), "float32");
}

/**
 * y[b, i, j] = x[b, i + rows[b], j + columns[b]], zero outside the image: x `[B, H, W, C]`, rows and columns `[B]` integers.
 * Two products with 0/1 matrices per sample, so it is linear in the image and differentiable to any order.
 */
export function translate(x: tf.Tensor4D, rows: tf.Tensor1D, columns: tf.Tensor1D): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const shiftedRows = tf.matMul(shiftMatrix(rows, height), tf.reshape(x, [batch, height, width * channels]));
  const columnsFirst = tf.transpose(tf.reshape(shiftedRows, [batch, height, width, channels]), [0, 2, 1, 3]);
  const shifted = tf.matMul(shiftMatrix(columns, width), tf.reshape(columnsFirst, [batch, width, height * channels]));
  return tf.transpose(tf.reshape(shifted, [batch, width, height, channels]), [0, 2, 1, 3]);
}
