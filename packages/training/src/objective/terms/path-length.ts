import type { Component, GeneratorTerm, Key, TermInputs } from "@ganymede/core";
import { defineComponent, differentiate, fold, GanymedeError, normal } from "@ganymede/core";
import { real, record, whole } from "@ganymede/core/config";
import * as tf from "@tensorflow/tfjs-core";

export interface PathLengthSettings {
  readonly weight: number;
  /** Steps between two applications. */
  readonly every: number;
  /** Fraction of the running mean that each application replaces. */
  readonly decay: number;
  /** Factor by which the batch of the penalty is smaller; an integer. */
  readonly batchShrink: number;
}

type Memory = { readonly mean: tf.Scalar };

/** sqrt(mean over layers of sum over features of g^2 + 1e-12): gradients `[B, L, D]` to lengths `[B]`. */
export function pathLengths(gradients: tf.Tensor3D): tf.Tensor1D {
  const squares = tf.mean(tf.sum(tf.square(gradients), 2), 1);
  // The root has no derivative at zero.
  return tf.sqrt(tf.add(squares, 1e-12));
}

/** Path lengths `[B]`: the norms of d sum(G(w) y) / d w with y ~ N(0, 1) / sqrt(H W). */
export function measurePaths(
  styles: tf.Tensor3D,
  { draw, key }: { readonly draw: (styles: tf.Tensor3D) => tf.Tensor4D; readonly key: Key },
): tf.Tensor1D {
  const along = (w: tf.Tensor3D) => {
    const images = draw(w);
    const [, height, width] = images.shape;
    const noise = normal<tf.Rank.R4>(fold(key, "direction"), images.shape);
    return tf.mul(images, tf.div(noise, Math.sqrt(height * width)));
  };
  return pathLengths(differentiate(along, styles).gradient);
}

const amount = real({ least: 0 });

const component: Component<PathLengthSettings, TermInputs, GeneratorTerm<Memory>> = {
  id: "path-length",
  source: "https://arxiv.org/abs/1912.04958",
  defaults: { weight: 2, every: 4, decay: 0.01, batchShrink: 2 },
  settings: record({ weight: amount, every: whole(1), decay: real({ least: 0, most: 1 }), batchShrink: whole(1) }),
  create({ weight, every, decay, batchShrink }, { model, where }) {
    const layers = model.styles?.layers as NonNullable<NonNullable<typeof model.styles>["layers"]>;
    if (model.styles !== undefined && layers === undefined) {
      throw new GanymedeError(
        "unsupported",
        `${where}: path-length needs a generator with styles per layer, but this model has none; remove the term`,
      );
    }
    return {
      every,
      needs: ["styles"],
      init: () => ({ mean: tf.scalar(0) }),
      apply({ weights, batch, drawLatents, context, key }, { mean: before }) {
        const { z, labels } = drawLatents(key, Math.max(1, Math.floor(batch / batchShrink)));
        const training = context(fold(key, "generator"), labels);
        const draw = (styles: tf.Tensor3D) => layers.synthesis(weights, styles, training);
        const lengths = measurePaths(layers.mapping(weights, z, training), { draw, key });
        const mean = tf.add(before, tf.mul(tf.sub(tf.mean(lengths), before), decay)) as tf.Scalar;
        return { value: tf.mul(tf.mean(tf.square(tf.sub(lengths, mean))), weight), memory: { mean } };
      },
    };
  },
};

/**
 * Path length regularisation: weight * mean_b (|J_w^T y| - a)^2, with a the running mean of the lengths.
 *
 * Source: Karras et al. 2020, StyleGAN2, arXiv 1912.04958, equation 4 and appendix B; lengths averaged over layers as in the authors' code.
 */
export const pathLength = defineComponent(component);
