import type { Context } from "@ganymede/core";
import { defineLayer, fold } from "@ganymede/core";
import { convolution, linear, upsample } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { MapLayer } from "./attention-step.js";

export interface UpBlockOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** The norm of a map with so many channels. */
  readonly norm: (width: number) => MapLayer;
}

/**
 * A residual block that doubles the side: norm, ReLU, nearest neighbours x 2, conv 3x3, norm, ReLU, conv 3x3, plus nearest neighbours
 * x 2 and conv 1x1.
 * Shapes: x `[B, H, W, inputs]` to `[B, 2 H, 2 W, outputs]`.
 * Source: brain-research/self-attention-gan, `generator.py`; Miyato and Koyama 2018, arXiv 1802.05637, figure 14.
 * Differs from source: the 1x1 convolution comes before the doubling, and the first 3x3 one does it itself, which gives the same for
 * less work.
 */
export function upBlock({ inputs, outputs, norm }: UpBlockOptions) {
  const firstNorm = norm(inputs);
  const first = convolution({ inputs, outputs, kernel: 3, resize: "double-before" });
  const secondNorm = norm(outputs);
  const second = convolution({ inputs: outputs, outputs, kernel: 3 });
  const skip = linear({ inputs, outputs });
  return defineLayer({
    init: (key) => ({
      firstNorm: firstNorm.init(fold(key, "firstNorm")),
      first: first.init(fold(key, "first")),
      secondNorm: secondNorm.init(fold(key, "secondNorm")),
      second: second.init(fold(key, "second")),
      skip: skip.init(fold(key, "skip")),
    }),
    apply(params, x: tf.Tensor4D, context: Context): tf.Tensor4D {
      const start = tf.relu(firstNorm.apply(params.firstNorm, x, context));
      const wide = first.apply(params.first, start, context);
      const straight = second.apply(
        params.second,
        tf.relu(secondNorm.apply(params.secondNorm, wide, context)),
        context,
      );
      return tf.add(straight, upsample(skip.apply(params.skip, x, context)));
    },
  });
}
