import type { Layer, ParamTree } from "@ganymede/core";
import { defineLayer } from "@ganymede/core";
import { batchNorm, layerNorm, pixelNorm } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { NormKind } from "./config.js";

export type TokenNorm = Layer<ParamTree, tf.Tensor3D, tf.Tensor3D>;

/** A norm without parameters. */
function fixed(apply: (x: tf.Tensor3D) => tf.Tensor3D): TokenNorm {
  return defineLayer({ init: () => ({}), apply: (_, x: tf.Tensor3D) => apply(x) });
}

/** Each channel of each sample to mean 0 and variance 1 over its tokens. */
function instanceNormalize(x: tf.Tensor3D): tf.Tensor3D {
  const centred = tf.sub(x, tf.mean(x, 1, true));
  const variance = tf.mean(tf.square(centred), 1, true);
  return tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5)));
}

const makers = {
  layer: (width) => layerNorm({ width, epsilon: 1e-5 }) as TokenNorm,
  pixel: () => fixed((x) => pixelNorm(x, 1e-8)),
  batch: (width) => batchNorm<tf.Tensor3D>({ width }),
  instance: () => fixed(instanceNormalize),
  none: () => fixed((x) => x),
} satisfies Record<NormKind, (width: number) => TokenNorm>;

/** A norm of tokens `[B, N, C]`, C = `width`. */
export function tokenNorm(kind: NormKind, width: number): TokenNorm {
  return makers[kind](width);
}
