import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { type FeatureSize, inceptionTable, type Step } from "./inception-table.js";
import { resizeBilinear } from "./resize.js";

/** Weights `[kh, kw, in, out]` and bias `[out]` of one convolution, batch norm folded in. */
export type ConvolutionParams = { readonly kernel: tf.Tensor4D; readonly bias: tf.Tensor1D };

/** Parameters by pytorch-fid's layer names (`Mixed_6a.branch3x3`), for the layers that the features need. */
export type InceptionParams = { readonly [layer: string]: ConvolutionParams };

/** Weights `[2048, 1008]` and bias `[1008]` of the classifier. */
export type ClassifierParams = { readonly weight: tf.Tensor2D; readonly bias: tf.Tensor1D };

/** Side of the network's input. */
const inputSize = 299;

function applyStep(params: InceptionParams, x: tf.Tensor4D, step: Step): tf.Tensor4D {
  switch (step.kind) {
    case "convolution": {
      const layer = params[step.name];
      if (layer === undefined) {
        throw new GanymedeError("invalid-argument", `inception: parameters must contain "${step.name}", got none`);
      }
      return tf.relu(tf.add(tf.conv2d(x, layer.kernel, step.stride, step.padding), layer.bias));
    }
    case "max-pool":
      return tf.maxPool(x, 3, step.stride, step.padding);
    case "average-pool":
      return tf.avgPool(x, 3, step.stride, step.padding);
    case "concat":
      return tf.concat(
        step.branches.map((branch) => branch.reduce((y, inner) => applyStep(params, y, inner), x)),
        3,
      );
    case "tap":
      return x;
  }
}

/** Resizes images `[B, H, W, 3]` in [0, 255] to 299x299 (half-pixel) and maps them to 2x/255 - 1, like pytorch-fid. */
export function prepareImages(images: tf.Tensor4D): tf.Tensor4D {
  const resized = resizeBilinear(images, inputSize, inputSize, "half-pixel");
  return tf.sub(tf.mul(resized, 2 / 255), 1);
}

/**
 * Features `[B, dims]` of images `[B, H, W, 3]` in [0, 255]: the spatial mean at one of pytorch-fid's four layers.
 *
 * A pure function, which can be compiled. Source: pytorch-fid's `InceptionV3` (Heusel et al. 2017, arXiv 1706.08500, for the use).
 */
export function inceptionFeatures(params: InceptionParams, images: tf.Tensor4D, dims: FeatureSize): tf.Tensor2D {
  const end = inceptionTable.findIndex((step) => step.kind === "tap" && step.dims === dims);
  const map = inceptionTable.slice(0, end).reduce((x, step) => applyStep(params, x, step), prepareImages(images));
  // One axis at a time: float32 sums of thousands of values lose digits.
  return tf.mean(tf.mean(map, 1), 1);
}

/** Logits `[B, 1008]` from features `[B, 2048]`, without the bias, which the Inception Score's original code omits. */
export function inceptionLogits(classifier: ClassifierParams, features: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(features, classifier.weight);
}
