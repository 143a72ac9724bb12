import type { GeneratorPenalty, GeneratorPenaltyInput, ParamTree } from "@ganymede/core";
import { differentiate, fold, normal } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

export interface PathLengthOptions {
  /** 2 in StyleGAN2. */
  readonly weight: number;
  /** Steps between two applications; the penalty is multiplied by it. 4 where left out. */
  readonly every?: number;
  /** Share of the running mean that a step replaces; 0.01 where left out. */
  readonly decay?: number;
  /** The penalty is taken on a batch smaller by this whole factor; 2 where left out. */
  readonly batchShrink?: number;
}

/** sqrt(mean over layers of sum over features of g^2 + 1e-12): gradients `[B, L, D]` to lengths `[B]`. */
export function pathLengths(gradients: tf.Tensor3D): tf.Tensor1D {
  const squares = tf.mean(tf.sum(tf.square(gradients), 2), 1);
  // A gradient that vanishes would have no derivative under the root.
  return tf.sqrt(tf.add(squares, 1e-12));
}

/** How far a unit step of each style moves its image: lengths `[B]` of d sum(G(w) y) / d w with y ~ N(0, 1) / sqrt(H W). */
export function measurePaths(
  styles: tf.Tensor3D,
  { draw, key }: Pick<GeneratorPenaltyInput, "draw" | "key">,
): tf.Tensor1D {
  const along = (w: tf.Tensor3D) => {
    const images = draw(w);
    const [, height, width] = images.shape;
    const noise = normal<tf.Rank.R4>(fold(key, "direction"), images.shape);
    return tf.mul(images, tf.div(noise, Math.sqrt(height * width)));
  };
  return pathLengths(differentiate(along, styles).gradient);
}

/**
 * Path-length regularisation: weight * mean_b (|J_w^T y| - a)^2, with a the running mean of the lengths.
 *
 * Source: Karras et al. 2020, StyleGAN2, arXiv 1912.04958, equation 4 and appendix B; lengths over layers as in the authors' code.
 */
export function pathLength(options: PathLengthOptions): GeneratorPenalty {
  const { weight, every = 4, decay = 0.01, batchShrink = 2 } = options;
  return {
    id: "path-length",
    source: "https://arxiv.org/abs/1912.04958",
    every,
    init: () => ({ mean: tf.scalar(0) }),
    apply(input, memory) {
      const lengths = measurePaths(input.styles(Math.max(1, Math.floor(input.batch / batchShrink))), input);
      const before = (memory as { readonly mean: tf.Scalar }).mean;
      const mean = tf.add(before, tf.mul(tf.sub(tf.mean(lengths), before), decay));
      const value = tf.mul(tf.mean(tf.square(tf.sub(lengths, mean))), weight * every) as tf.Scalar;
      return { value, memory: { mean } as ParamTree };
    },
  };
}
