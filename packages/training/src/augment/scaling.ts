import * as tf from "@tensorflow/tfjs-core";

/**
 * `[B, side, side]` with weights W[b, i, k] = max(0, 1 - |p - k|) at p = (i - c) / factor[b] + c, c = (side - 1) / 2: multiplying by it
 * scales a line by the factor about its centre, linear between pixels and zero outside.
 */
function scalingMatrix(factors: tf.Tensor1D, side: number): tf.Tensor3D {
  const centre = (side - 1) / 2;
  const offset = tf.reshape(tf.sub(tf.range(0, side, 1, "float32"), centre), [1, side, 1]);
  const from = tf.add(tf.div(offset, tf.reshape(factors, [-1, 1, 1])), centre); // [B, side, 1]
  const pixel = tf.reshape(tf.range(0, side, 1, "float32"), [1, 1, side]);
  return tf.relu(tf.sub(1, tf.abs(tf.sub(from, pixel)))) as tf.Tensor3D;
}

/**
 * Scales each image by its factor about the centre, bilinear, zero outside: x `[B, H, W, C]`, factors `[B]` above 0; 1 is the identity.
 * Two matrix products per sample, so it is linear in the image and differentiable to any order.
 */
export function scale(x: tf.Tensor4D, factors: tf.Tensor1D): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const rows = tf.matMul(scalingMatrix(factors, height), tf.reshape(x, [batch, height, width * channels]));
  const columnsFirst = tf.transpose(tf.reshape(rows, [batch, height, width, channels]), [0, 2, 1, 3]);
  const scaled = tf.matMul(scalingMatrix(factors, width), tf.reshape(columnsFirst, [batch, width, height * channels]));
  return tf.transpose(tf.reshape(scaled, [batch, width, height, channels]), [0, 2, 1, 3]);
}
