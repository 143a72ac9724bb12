import * as tf from "@tensorflow/tfjs-core";
import type { Golden } from "../adapter.js";

/** Images of PyTorch's order `[B, C, H, W]` in ours, `[B, H, W, C]`. */
export function toImages(x: tf.Tensor): tf.Tensor4D {
  return tf.transpose(x, [0, 2, 3, 1]) as tf.Tensor4D;
}

/** Our images `[B, H, W, C]` in PyTorch's order. */
export function fromImages(x: tf.Tensor4D): tf.Tensor4D {
  return tf.transpose(x, [0, 3, 1, 2]);
}

/** A linear weight `[out, in]` as ours, `[in, out]`. */
export function toMatrix(weight: tf.Tensor): tf.Tensor2D {
  return tf.transpose(weight) as tf.Tensor2D;
}

/** A kernel `[out, in, k, k]` as ours, `[k, k, in, out]`. */
export function toKernel(weight: tf.Tensor): tf.Tensor4D {
  return tf.transpose(weight, [2, 3, 1, 0]) as tf.Tensor4D;
}

/** Parameters of a linear layer stored as `<prefix>weight` and, where it has one, `<prefix>bias`. */
export function linearAt(golden: Golden, prefix: string): { weight: tf.Tensor2D; bias?: tf.Tensor1D } {
  const weight = toMatrix(golden.tensor(`${prefix}weight`));
  return golden.has(`${prefix}bias`) ? { weight, bias: golden.tensor<tf.Tensor1D>(`${prefix}bias`) } : { weight };
}

/** Parameters of a map to a style: the files keep its bias without the 1 that is added to it. */
export function styleAt(golden: Golden, prefix: string): { weight: tf.Tensor2D; bias: tf.Tensor1D } {
  const bias = tf.add(golden.tensor<tf.Tensor1D>(`${prefix}bias`), 1) as tf.Tensor1D;
  return { weight: toMatrix(golden.tensor(`${prefix}weight`)), bias };
}

/** Parameters of Fourier features stored as a 1x1 convolution, `<prefix>weight` [D, 2, 1, 1] and `<prefix>bias`. */
export function fourierAt(golden: Golden, prefix: string): { weight: tf.Tensor2D; bias: tf.Tensor1D } {
  const weight = golden.tensor(`${prefix}weight`);
  const matrix = toMatrix(tf.reshape(weight, [weight.shape[0] as number, 2]));
  return { weight: matrix, bias: golden.tensor<tf.Tensor1D>(`${prefix}bias`) };
}

/** A linear map of a flattened map: PyTorch flattens channels first, we flatten them last. */
export function flattenedAt(golden: Golden, prefix: string, channels: number, side: number) {
  const { weight, bias } = linearAt(golden, prefix);
  const outputs = weight.shape[1];
  const apart = tf.transpose(tf.reshape(weight, [channels, side, side, outputs]), [1, 2, 0, 3]);
  const matrix = tf.reshape(apart, [side * side * channels, outputs]) as tf.Tensor2D;
  return bias === undefined ? { weight: matrix } : { weight: matrix, bias };
}
