import * as tf from "@tensorflow/tfjs-core";

/** Filters `[k, k, C, O]` with a matrix `[m, k]` applied to both of their sides: `[m, m, C, O]`. */
function reshapeFilters(weight: tf.Tensor4D, rows: readonly (readonly number[])[]): tf.Tensor4D {
  const [size, , inputs, outputs] = weight.shape;
  const side = rows.length;
  // Both sides at once: row (i, j) of the product of the matrix with itself holds the weight of each tap.
  const both = rows.flatMap((a) => rows.map((b) => a.flatMap((x) => b.map((y) => x * y))));
  const taps = tf.reshape(weight, [size * size, inputs * outputs]) as tf.Tensor2D;
  const folded = tf.matMul(tf.tensor2d(both, [side * side, size * size]), taps);
  return tf.reshape(folded, [side, side, inputs, outputs]);
}

/**
 * A 3x3 convolution and the means of 2x2 squares of what it gives, as one 4x4 convolution of every second place: the same numbers from
 * 16 products where the two steps take 36, and without the large map between them.
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
 * Every pixel doubled on both axes and a 3x3 convolution of that, as one 2x2 convolution of the map before it was doubled, which makes
 * the four pixels of a square beside each other: the same numbers from 16 products for each pixel of x where the two steps take 36.
 *
 * @param x `[B, H, W, C]`.
 * @param weight `[3, 3, C, O]`.
 * @returns `[B, 2 H, 2 W, O]`.
 */
export function doubleThenConvolve(x: tf.Tensor4D, weight: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width] = x.shape;
  const outputs = weight.shape[3];
  // What the first and the second pixel of a doubled one see: one tap of a neighbour, and two of the pixel itself.
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
  ]); // [B, H + 1, W + 1, 4 O]: the first pixel of a square looks back from its place, the second ahead
  const pixel = (down: number, across: number) =>
    tf.slice4d(squares, [0, down, across, (2 * down + across) * outputs], [batch, height, width, outputs]);
  const line = (down: number) =>
    tf.reshape(tf.stack([pixel(down, 0), pixel(down, 1)], 3), [batch, height, 2 * width, outputs]);
  return tf.reshape(tf.stack([line(0), line(1)], 2), [batch, 2 * height, 2 * width, outputs]);
}
