import { defineLayer, fold } from "@ganymede/core";
import { convolution, linear, upsample } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

/**
 * A residual block that doubles the map: ReLU, nearest neighbours, conv 3x3, ReLU, conv 3x3; plus a convolution 1x1, doubled.
 * Shapes: x `[B, H, W, inputs]` to `[B, 2 H, 2 W, outputs]`.
 * Source: Schönfeld et al. 2020, U-Net GAN, arXiv 2002.12655, appendix; boschresearch/unetgan, `GBlock2` without norms.
 * Differs from source: the 1x1 convolution comes before the doubling, which gives the same for a quarter of the work.
 */
export function upBlock({ inputs, outputs }: { readonly inputs: number; readonly outputs: number }) {
  const first = convolution({ inputs, outputs, kernel: 3, resize: "double-before" });
  const second = convolution({ inputs: outputs, outputs, kernel: 3 });
  const skip = linear({ inputs, outputs });
  return defineLayer({
    init: (key) => ({
      first: first.init(fold(key, "first")),
      second: second.init(fold(key, "second")),
      skip: skip.init(fold(key, "skip")),
    }),
    apply(params, x: tf.Tensor4D, context): tf.Tensor4D {
      const straight = second.apply(params.second, tf.relu(first.apply(params.first, tf.relu(x), context)), context);
      return tf.add(straight, upsample(skip.apply(params.skip, x, context)));
    },
  });
}
