import * as tf from "@tensorflow/tfjs-core";

/** Inserts zeros between pixels: x `[B, H, W, C]` to `[B, H factor, W factor, C]`, y[b, h factor, w factor] = x[b, h, w]. */
export function zeroStuff(x: tf.Tensor4D, factor = 2): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const apart = tf.reshape(x, [batch, height, 1, width, channels]);
  const rows = tf.pad(apart, [
    [0, 0],
    [0, 0],
    [0, factor - 1],
    [0, 0],
    [0, 0],
  ]); // [B, H, factor, W, C]
  const columns = tf.reshape(rows, [batch, height * factor, width, 1, channels]);
  const spread = tf.pad(columns, [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, factor - 1],
    [0, 0],
  ]);
  return tf.reshape(spread, [batch, height * factor, width * factor, channels]);
}

/** Keeps the first pixel of each square: x `[B, H, W, C]` to `[B, H / factor, W / factor, C]`. */
export function keepEvery(x: tf.Tensor4D, factor = 2): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const split = tf.reshape(x, [batch, height / factor, factor, width / factor, factor, channels]);
  const kept = tf.slice(split, [0, 0, 0, 0, 0, 0], [batch, height / factor, 1, width / factor, 1, channels]);
  return tf.reshape(kept, [batch, height / factor, width / factor, channels]);
}
