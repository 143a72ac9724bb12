import * as tf from "@tensorflow/tfjs-core";

/**
 * Convolution with weights modulated per sample: y = d[n] * conv(x[n] * style[n], W), equal to a convolution with the kernels
 * style[n] W d[n]; d demodulates each output to unit kernel norm.
 *
 * Shapes: x `[n, H, W, inputs]`, style `[n, inputs]`, weight `[k, k, inputs, outputs]`, to `[n, H, W, outputs]`.
 *
 * @param convolve the convolution. Default: `same` padding at stride 1.
 * Source: Karras et al. 2020, StyleGAN2, arXiv 1912.04958, section 2.2.
 */
export function modulatedConvolution(
  x: tf.Tensor4D,
  style: tf.Tensor2D,
  weight: tf.Tensor4D,
  demodulate: boolean,
  convolve: (x: tf.Tensor4D, weight: tf.Tensor4D) => tf.Tensor4D = (y, w) => tf.conv2d(y, w, 1, "same"),
): tf.Tensor4D {
  const [batch, inputs] = style.shape;
  const y = convolve(tf.mul(x, tf.reshape(style, [batch, 1, 1, inputs])) as tf.Tensor4D, weight);
  if (!demodulate) return y;
  const energy = tf.sum(tf.square(weight), [0, 1]) as tf.Tensor2D; // [inputs, outputs]
  const factor = tf.rsqrt(tf.add(tf.matMul(tf.square(style), energy), 1e-8)); // [n, outputs]
  return tf.mul(y, tf.reshape(factor, [batch, 1, 1, weight.shape[3]]));
}
