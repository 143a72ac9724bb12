import { alongAxes } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { doublingMatrix, halvingMatrix, margin, period } from "./wavelet.js";

/** Samples periodic maps `[B, H, W, C]` at positions x and y `[B, N]`, bilinear: `[B, N, C]`. */
function sample(maps: tf.Tensor4D, x: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor3D {
  const [batch, height, width, channels] = maps.shape;
  const pixels = tf.reshape(maps, [batch * height * width, channels]);
  const first = tf.reshape(tf.range(0, batch * height * width, height * width, "int32"), [batch, 1]);
  const [left, top] = [tf.floor(x), tf.floor(y)];
  const at = (dx: number, dy: number) => {
    const index = tf.add(tf.mul(tf.mod(tf.add(top, dy), height), width), tf.mod(tf.add(left, dx), width));
    return tf.gather(pixels, tf.add(tf.cast(index, "int32"), first));
  };
  const [fx, fy] = [tf.expandDims(tf.sub(x, left), 2), tf.expandDims(tf.sub(y, top), 2)];
  const between = (a: tf.Tensor, b: tf.Tensor, share: tf.Tensor) => tf.add(a, tf.mul(tf.sub(b, a), share));
  return between(between(at(0, 0), at(1, 0), fx), between(at(0, 1), at(1, 1), fx), fy) as tf.Tensor3D;
}

/**
 * Warps images by affine maps without aliasing: upsampled by a wavelet filter, sampled bilinearly, downsampled by the adjoint filter;
 * mirrored beyond the borders. The identity map returns the images.
 *
 * Source: Karras et al. 2020, StyleGAN2-ADA, arXiv 2006.06676, appendix B.
 * Differs from source: a whole period of the mirrored image is upsampled, so that no margin depends on the draws.
 *
 * @param x `[B, H, W, C]`.
 * @param inverse `[B, 3, 3]`, maps output pixels to input pixels; in pixels, with the origin at the centre.
 */
export function warp(x: tf.Tensor4D, inverse: tf.Tensor3D): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const doubled = alongAxes(
    x,
    tf.tensor2d(doublingMatrix(height), [period(height), height]),
    tf.tensor2d(doublingMatrix(width), [period(width), width]),
  );
  const [tall, wide] = [2 * (height + 2 * margin), 2 * (width + 2 * margin)];
  // Centres of the output's half pixels, in pixels from the image centre; the filter lags by half a half pixel.
  const axis = (count: number) => tf.div(tf.add(tf.range(0, count, 1, "float32"), 1 - count / 2), 2);
  const columns = tf.tile(tf.reshape(axis(wide), [1, wide]), [tall, 1]);
  const rows = tf.tile(tf.reshape(axis(tall), [tall, 1]), [1, wide]);
  const points = tf.reshape(tf.stack([columns, rows, tf.ones([tall, wide])], 0), [1, 3, tall * wide]);
  const places = tf.matMul(inverse, points); // [B, 3, N]
  const along = (row: number, size: number) => {
    const place = tf.reshape(tf.slice(places, [0, row, 0], [batch, 1, tall * wide]), [batch, tall * wide]);
    // From pixels around the centre to positions in the upsampled line.
    return tf.add(tf.mul(place, 2), size - 1) as tf.Tensor2D;
  };
  const found = tf.reshape(sample(doubled, along(0, width), along(1, height)), [batch, tall, wide, channels]);
  return alongAxes(
    found as tf.Tensor4D,
    tf.tensor2d(halvingMatrix(height), [height, tall]),
    tf.tensor2d(halvingMatrix(width), [width, wide]),
  );
}
