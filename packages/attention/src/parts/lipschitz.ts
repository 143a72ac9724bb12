import { leadingSingular } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

/**
 * The x with x exp(x + 1) = count: the largest that sum_j p_j d_j can be for p = softmax(-d) over count + 1 numbers d >= 0 of which
 * one is 0.
 *
 * Source: Kim et al. 2021, arXiv 2006.04710, theorem 3.2 and its proof.
 */
export function largestMeanDistance(count: number): number {
  let x = Math.log1p(count);
  for (let i = 0; i < 60; i++) {
    const power = Math.exp(x + 1);
    x = Math.max(0, x - (x * power - count) / (power * (1 + x)));
  }
  return x;
}

/** Largest singular value of a matrix, in float64. */
export function spectralLength(matrix: tf.Tensor2D): number {
  return leadingSingular(matrix.dataSync(), matrix.shape[0], matrix.shape[1]).sigma;
}

/** Columns of one head of a projection [inputs, heads D]. */
export function headColumns(weight: tf.Tensor2D, head: number, heads: number): tf.Tensor2D {
  const width = weight.shape[1] / heads;
  return tf.slice2d(weight, [0, head * width], [-1, width]);
}
