import * as tf from "@tensorflow/tfjs-core";

/**
 * Multiplies maps by matrices along rows and columns: y[b, p, q, c] = sum over h and w of rows[p, h] columns[q, w] x[b, h, w, c].
 * Two products, linear in the map, so it is differentiable to any order.
 *
 * Shapes: x `[B, H, W, C]`, rows `[P, H]`, columns `[Q, W]`, to `[B, P, Q, C]`.
 */
export function alongAxes(x: tf.Tensor4D, rows: tf.Tensor2D, columns: tf.Tensor2D): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const [tall, wide] = [rows.shape[0], columns.shape[0]];
  const down = tf.matMul(tf.expandDims(rows), tf.reshape(x, [batch, height, width * channels])); // [B, P, W C]
  const across = tf.matMul(tf.expandDims(columns), tf.reshape(down, [batch * tall, width, channels])); // [B P, Q, C]
  return tf.reshape(across, [batch, tall, wide, channels]);
}
