import * as tf from "@tensorflow/tfjs-core";
import { averagePool } from "../ops/average-pool.js";
import { compose } from "./compose.js";
import { convolution } from "./convolution.js";
import { linear } from "./linear.js";

/** Sizes and variant of `residualDownBlock`. */
export interface ResidualDownBlockOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Whether to halve the resolution. */
  readonly halves: boolean;
  /** True for the first block, whose input is not activated. */
  readonly entry: boolean;
  /** Whether the skip path gets relu(x). Default: false. */
  readonly activatedSkip?: boolean;
}

/**
 * Residual block of a discriminator: ReLU (not in the first), conv 3x3, ReLU, conv 3x3 and, if halving, 2x2 average pooling; plus, where
 * the shape changes, a 1x1 convolution of the (pooled) input.
 * Shapes: x `[B, H, W, inputs]` to `[B, H / 2, W / 2, outputs]`, or with H and W unchanged.
 * Source: brain-research/self-attention-gan, `discriminator.py`; Miyato and Koyama 2018, arXiv 1802.05637, figure 14.
 * Differs from source: pooling comes before the 1x1 convolution and is folded into the last 3x3 one, which is equivalent but cheaper.
 */
export function residualDownBlock({ inputs, outputs, halves, entry, activatedSkip = false }: ResidualDownBlockOptions) {
  const first = convolution({ inputs, outputs, kernel: 3 });
  const second = convolution({ inputs: outputs, outputs, kernel: 3, ...(halves && { resize: "average-after" }) });
  const skip = halves || inputs !== outputs ? linear({ inputs, outputs }) : undefined;
  const sized = (x: tf.Tensor4D) => (halves ? averagePool(x) : x);
  return compose({ first, second, skip }, (part, x: tf.Tensor4D): tf.Tensor4D => {
    const start = entry ? x : tf.relu(x);
    const straight = part.second(tf.relu(part.first(start)));
    const beside = sized(activatedSkip && !entry ? start : x);
    return tf.add(straight, part.skip === undefined ? beside : part.skip(beside));
  });
}
