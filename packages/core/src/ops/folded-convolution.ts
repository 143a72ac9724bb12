import * as tf from "@tensorflow/tfjs-core";

/** Multiplies filters `[k, k, C, O]` by a matrix `[m, k]` on both spatial axes: `[m, m, C, O]`. */
function reshapeFilters(weight: tf.Tensor4D, rows: readonly (readonly number[])[]): tf.Tensor4D {
  const [size, , inputs, outputs] = weight.shape;
  const side = rows.length;
  // Both axes at once: row (i, j) of the Kronecker product of the matrix with itself has the weight of each tap.
  const both = rows.flatMap((a) => rows.map((b) => a.flatMap((x) => b.map((y) => x * y))));
  const taps = tf.reshape(weight, [size * size, inputs * outputs]) as tf.Tensor2D;
  const folded = tf.matMul(tf.tensor2d(both, [side * side, size * size]), taps);
  return tf.reshape(folded, [side, side, inputs, outputs]);
}

/**
 * A 3x3 convolution followed by 2x2 average pooling, as one 4x4 convolution with stride 2: the same numbers from 16 products instead of
 * 36, and without the large intermediate map.
 *
 * @param x `[B, H, W, C]`, H and W even.
 * @param weight `[3, 3, C, O]`.
 * @returns `[B, H / 2, W / 2, O]`.
 */
export function convolveThenAverage(x: tf.Tensor4D, weight: tf.Tensor4D): tf.Tensor4D {
  const spread = [
    [0.5, 0, 0],
    [0.5, 0.5, 0],
    [0, 0.5, 0.5],
    [0, 0, 0.5],
  ];
  return tf.conv2d(x, reshapeFilters(weight, spread), 2, 1);
}

/**
 * Nearest-neighbour upsampling by 2 followed by a 3x3 convolution, as one 2x2 convolution of the input that computes the four output
 * pixels of a square at once: the same numbers from 16 products per pixel of x instead of 36.
 *
 * @param x `[B, H, W, C]`.
 * @param weight `[3, 3, C, O]`.
 * @returns `[B, 2 H, 2 W, O]`.
 */
export function doubleThenConvolve(x: tf.Tensor4D, weight: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width] = x.shape;
  const outputs = weight.shape[3];
  // Taps of the first and second pixel of an upsampled pair: one tap on a neighbour, two on the pixel itself.
  const [first, second] = [
    [
      [1, 0, 0],
      [0, 1, 1],
    ],
    [
      [1, 1, 0],
      [0, 0, 1],
    ],
  ];
  const folded = reshapeFilters(weight, [...first, ...second]); // [2 2, 2 2, C, O]: pixel and tap, down and across
  const apart = tf.reshape(folded, [2, 2, 2, 2, folded.shape[2], outputs]);
  const side = tf.reshape(tf.transpose(apart, [1, 3, 4, 0, 2, 5]), [2, 2, folded.shape[2], 4 * outputs]) as tf.Tensor4D;
  const squares = tf.conv2d(x, side, 1, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]); // [B, H + 1, W + 1, 4 O]: the first pixel of a square uses the previous position, the second the next
  const pixel = (down: number, across: number) =>
    tf.slice4d(squares, [0, down, across, (2 * down + across) * outputs], [batch, height, width, outputs]);
  const line = (down: number) =>
    tf.reshape(tf.stack([pixel(down, 0), pixel(down, 1)], 3), [batch, height, 2 * width, outputs]);
  return tf.reshape(tf.stack([line(0), line(1)], 2), [batch, 2 * height, 2 * width, outputs]);
}
