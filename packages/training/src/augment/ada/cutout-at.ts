import * as tf from "@tensorflow/tfjs-core";

/**
 * Zeroes the pixels of a rectangle of `size` times the sides: |(j + 0.5) / W - x| < size / 2 and |(i + 0.5) / H - y| < size / 2.
 * Shapes: images `[B, H, W, C]`, centre `[B, 2]` of x and y in [0, 1), chosen `[B]` of 1 and 0.
 *
 * Source: Karras et al. 2020, StyleGAN2-ADA, arXiv 2006.06676, appendix B, cutout.
 */
export function cutoutAt(images: tf.Tensor4D, centre: tf.Tensor2D, chosen: tf.Tensor1D, size: number): tf.Tensor4D {
  const [batch, height, width] = images.shape;
  const inside = (side: number, column: number): tf.Tensor2D => {
    const middles = tf.div(tf.add(tf.reshape(tf.range(0, side, 1, "float32"), [1, side]), 0.5), side);
    const distance = tf.abs(tf.sub(middles, tf.slice(centre, [0, column], [batch, 1])));
    return tf.cast(tf.less(distance, size / 2), "float32");
  };
  const rows = tf.mul(inside(height, 1), tf.reshape(chosen, [batch, 1]));
  const box = tf.mul(tf.reshape(rows, [batch, height, 1]), tf.reshape(inside(width, 0), [batch, 1, width]));
  return tf.mul(images, tf.expandDims(tf.sub(1, box), 3));
}
