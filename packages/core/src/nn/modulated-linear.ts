import * as tf from "@tensorflow/tfjs-core";
import { normal } from "../random/draw.js";
import { compose, learned } from "./compose.js";
import { equalizedLinear } from "./equalized-linear.js";
import { linearMap } from "./linear-map.js";

/** Added to the squared norms under the root, as in StyleGAN2. */
const epsilon = 1e-8;

/** 1 / sqrt(sum_in (style W)^2 + epsilon), `[n, outputs]`, without building a weight per sample. */
export function demodulation(style: tf.Tensor2D, weight: tf.Tensor2D): tf.Tensor2D {
  return tf.rsqrt(tf.add(tf.matMul(tf.square(style), tf.square(weight)), epsilon));
}

/**
 * Linear map with weights modulated per sample: y[n, p] = d[n] * ((x[n, p] * style[n]) W), equal to a product with the weights
 * style[n] W d[n]; d demodulates each output to unit weight norm.
 *
 * Shapes: x `[n, points, inputs]`, style `[n, inputs]`, weight `[inputs, outputs]`, to `[n, points, outputs]`.
 * Source: Karras et al. 2020, StyleGAN2, arXiv 1912.04958, section 2.2, for 1x1 convolutions.
 */
export function modulatedMap(
  x: tf.Tensor3D,
  style: tf.Tensor2D,
  weight: tf.Tensor2D,
  demodulate: boolean,
): tf.Tensor3D {
  const product = linearMap(tf.mul(x, tf.expandDims(style, 1)) as tf.Tensor3D, weight);
  return demodulate ? tf.mul(product, tf.expandDims(demodulation(style, weight), 1)) : product;
}

/**
 * The same for points shared by all samples, x `[points, inputs]`: computes the products x[p] W first, as one matrix
 * `[inputs, points outputs]`, so that no tensor of size n x points x inputs is created.
 */
export function modulatedMapShared(
  x: tf.Tensor2D,
  style: tf.Tensor2D,
  weight: tf.Tensor2D,
  demodulate: boolean,
): tf.Tensor3D {
  const [points, inputs] = x.shape;
  const outputs = weight.shape[1];
  const basis = tf.mul(tf.expandDims(tf.transpose(x), 2), tf.expandDims(weight, 1)); // [inputs, points, outputs]
  const product = tf.matMul(style, tf.reshape(basis, [inputs, points * outputs]) as tf.Tensor2D);
  const values = tf.reshape(product, [style.shape[0], points, outputs]) as tf.Tensor3D;
  return demodulate ? tf.mul(values, tf.expandDims(demodulation(style, weight), 1)) : values;
}

/** Sizes and demodulation of `modulatedLinear`. */
export interface ModulatedLinearOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Width of the input of the style layer. */
  readonly styleWidth: number;
  /** Default: true; false for a toRGB layer. */
  readonly demodulate?: boolean;
}

/** Points and the style that modulates them. */
export interface ModulatedInput {
  /** Points of each sample `[n, points, inputs]`, or shared by all samples `[points, inputs]`. */
  readonly x: tf.Tensor3D | tf.Tensor2D;
  /** `[n, styleWidth]`. */
  readonly style: tf.Tensor2D;
}

/**
 * Modulated linear layer with equalised learning rate: style' = style A + 1, y = modulated product with W / sqrt(inputs), without
 * bias, which is added after any noise. Shape: to `[n, points, outputs]`.
 *
 * Source: see `modulatedMap`.
 */
export const modulatedLinear = ({ inputs, outputs, styleWidth, demodulate = true }: ModulatedLinearOptions) => {
  const parts = {
    weight: learned((key) => normal<tf.Rank.R2>(key, [inputs, outputs])),
    style: equalizedLinear({ inputs: styleWidth, outputs: inputs, biasInit: 1 }),
  };
  return compose(parts, (part, { x, style }: ModulatedInput): tf.Tensor3D => {
    const weight = tf.mul<tf.Tensor2D>(part.weight, 1 / Math.sqrt(inputs));
    const modulation = part.style(style);
    return x.rank === 2
      ? modulatedMapShared(x as tf.Tensor2D, modulation, weight, demodulate)
      : modulatedMap(x as tf.Tensor3D, modulation, weight, demodulate);
  });
};
