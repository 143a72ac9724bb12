import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../contracts/layer.js";
import { uniform } from "../random/draw.js";
import { fold } from "../random/key.js";
import { linearMap } from "./linear-map.js";

/** Width of `fourierFeatures`. */
export interface FourierFeaturesOptions {
  readonly width: number;
}

/** Parameters of `fourierFeatures`: weight `[2, width]`, bias `[width]`. */
export type FourierFeaturesParams = { readonly weight: tf.Tensor2D; readonly bias: tf.Tensor1D };

/**
 * Positions of a square grid: row-major `[side * side, 2]`, (x, y) with x along columns, evenly spaced from -1 to 1.
 * A side of 1 gives -1, like `linspace`.
 */
export function gridPositions(side: number): tf.Tensor2D {
  const at = (index: number) => (side === 1 ? -1 : -1 + (2 * index) / (side - 1));
  const values = new Float32Array(side * side * 2);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      values[2 * (row * side + column)] = at(column);
      values[2 * (row * side + column) + 1] = at(row);
    }
  }
  return tf.tensor2d(values, [side * side, 2]);
}

/**
 * Learned Fourier features of positions: y = sin(p W + b), p `[N, 2]` in [-1, 1] to `[N, width]`. W is initialised uniformly in
 * +-sqrt(9 / 2), b in +-1 / sqrt(2).
 *
 * Source: Lee et al. 2022, ViTGAN, arXiv 2107.04589, section 3.3; initial values of the authors' release.
 */
export const fourierFeatures = ({ width }: FourierFeaturesOptions) =>
  defineLayer<FourierFeaturesParams, tf.Tensor2D, tf.Tensor2D>({
    init: (key) => ({
      weight: uniform<tf.Rank.R2>(fold(key, "weight"), [2, width], -Math.sqrt(4.5), Math.sqrt(4.5)),
      bias: uniform<tf.Rank.R1>(fold(key, "bias"), [width], -Math.SQRT1_2, Math.SQRT1_2),
    }),
    apply: (params, positions) => tf.sin(linearMap(positions, params.weight, params.bias)),
  });
