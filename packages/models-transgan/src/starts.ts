import { fold, normal, uniform } from "@ganymede/core";
import type { LinearFactory, LinearLayer, LinearParams } from "@ganymede/core/nn";
import { linear } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

/** Weights and biases uniform in +-1 / sqrt(inputs): PyTorch's start, which the generators keep. */
export const uniformLinear: LinearFactory = (options) => {
  const { inputs, outputs, bias = true } = options;
  const limit = 1 / Math.sqrt(inputs);
  return {
    ...linear(options),
    init: (key): LinearParams => ({
      weight: uniform<tf.Rank.R2>(fold(key, "weight"), [inputs, outputs], -limit, limit),
      ...(bias ? { bias: uniform<tf.Rank.R1>(fold(key, "bias"), [outputs], -limit, limit) } : {}),
    }),
  } as LinearLayer;
};

/** Weights from N(0, 0.02^2), biases at 0: the discriminators' start. */
export const narrowLinear: LinearFactory = (options) => {
  const { inputs, outputs, bias = true } = options;
  return {
    ...linear(options),
    init: (key): LinearParams => ({
      weight: normal<tf.Rank.R2>(fold(key, "weight"), [inputs, outputs], 0, 0.02),
      ...(bias ? { bias: tf.zeros([outputs]) as tf.Tensor1D } : {}),
    }),
  } as LinearLayer;
};
