import type { Key } from "@ganymede/core";
import { defineLayer, fold, normal, uniform } from "@ganymede/core";
import type { LinearFactory, TokenLayer } from "@ganymede/core/nn";
import { batchNorm, layerNorm, learned, linear, pixelNorm } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { BlockConfig } from "./config.js";

/** A norm without parameters. */
const fixed = (apply: (x: tf.Tensor3D) => tf.Tensor3D) =>
  defineLayer({ init: () => ({}), apply: (_, x: tf.Tensor3D) => apply(x) });

/** Each channel of each sample to mean 0 and variance 1 over its tokens. */
function instanceNormalize(x: tf.Tensor3D): tf.Tensor3D {
  const centred = tf.sub(x, tf.mean(x, 1, true));
  const variance = tf.mean(tf.square(centred), 1, true);
  return tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5)));
}

/** Norms of tokens `[B, N, width]`. */
export const tokenNorms = {
  layer: (width: number) => layerNorm({ width, epsilon: 1e-5 }),
  pixel: () => fixed((x) => pixelNorm(x)),
  batch: (width: number) => batchNorm<tf.Tensor3D>({ width }),
  instance: () => fixed(instanceNormalize),
  none: () => fixed((x) => x),
} satisfies Record<BlockConfig["norm"], (width: number) => TokenLayer>;

/** A learned vector for each token, `[N, width]`. */
export const positions = (tokens: number, width: number) =>
  learned((key: Key) => normal<tf.Rank.R2>(key, [tokens, width], 0, 0.02));

/** Weights and biases uniform in +-1 / sqrt(inputs): PyTorch's start, which the generators keep. */
export const uniformLinear: LinearFactory = ({ inputs, outputs, bias = true }) => {
  const limit = 1 / Math.sqrt(inputs);
  return {
    ...linear({ inputs, outputs, bias }),
    init: (key) => ({
      weight: uniform<tf.Rank.R2>(fold(key, "weight"), [inputs, outputs], -limit, limit),
      ...(bias && { bias: uniform<tf.Rank.R1>(fold(key, "bias"), [outputs], -limit, limit) }),
    }),
  };
};

/** Weights from N(0, 0.02^2), biases at 0: the discriminators' start. */
export const narrowLinear: LinearFactory = ({ inputs, outputs, bias = true }) => ({
  ...linear({ inputs, outputs, bias }),
  init: (key) => ({
    weight: normal<tf.Rank.R2>(fold(key, "weight"), [inputs, outputs], 0, 0.02),
    ...(bias && { bias: tf.zeros<tf.Rank.R1>([outputs]) }),
  }),
});
