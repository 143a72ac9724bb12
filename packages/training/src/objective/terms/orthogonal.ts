import type { Component, DiscriminatorTerm, GeneratorTerm, ParamTree, TermInputs } from "@ganymede/core";
import { defineComponent, GanymedeError, leaves } from "@ganymede/core";
import { real, record, whole } from "@ganymede/core/config";
import * as tf from "@tensorflow/tfjs-core";

export interface OrthogonalSettings {
  readonly weight: number;
  readonly every: number;
}

/** Sum over i != j of (M M^T)_ij^2, with the shorter side of M as rows; M `[inputs, outputs]`. */
function offDiagonal(matrix: tf.Tensor2D): tf.Scalar {
  const [inputs, outputs] = matrix.shape;
  const product = tf.matMul(matrix, matrix, inputs > outputs, inputs <= outputs);
  const diagonal = tf.sum(tf.square(matrix), inputs > outputs ? 0 : 1);
  return tf.sub(tf.sum(tf.square(product)), tf.sum(tf.square(diagonal)));
}

/** Weights of linear layers and convolutions, leaves named `weight` of rank 2 or more, as `[inputs, outputs]`. */
export function matricesOf(params: ParamTree): readonly tf.Tensor2D[] {
  return leaves(params)
    .filter(({ path, value }) => value.rank >= 2 && /(^|\.)weight$/.test(path))
    .map(({ value }) => tf.reshape(value, [-1, value.shape.at(-1) as number]) as tf.Tensor2D);
}

/** Sum over all weights of `offDiagonal`. */
export function orthogonality(params: ParamTree): tf.Scalar {
  const matrices = matricesOf(params);
  if (matrices.length === 0) {
    throw new GanymedeError(
      "unsupported",
      'training: the term "orthogonal" needs weights of linear layers or convolutions, but this network has none; remove the term',
    );
  }
  return tf.addN(matrices.map(offDiagonal)) as tf.Scalar;
}

const common = {
  id: "orthogonal",
  source: "https://arxiv.org/abs/1809.11096",
  defaults: { weight: 1e-4, every: 1 },
  settings: record({ weight: real({ least: 0 }), every: whole(1) }),
};

const term = ({ weight, every }: OrthogonalSettings) => ({
  every,
  needs: [],
  apply: ({ params }: { readonly params: ParamTree }) => ({
    value: tf.mul(orthogonality(params), weight) as tf.Scalar,
  }),
});

const onGenerator: Component<OrthogonalSettings, TermInputs, GeneratorTerm> = { ...common, create: term };
const onDiscriminator: Component<OrthogonalSettings, TermInputs, DiscriminatorTerm> = { ...common, create: term };

/**
 * Orthogonal regularisation without the diagonal: weight * sum over W of |W^T W * (1 - I)|^2, W as `[inputs, outputs]`; W W^T if W has
 * more outputs than inputs. For generators sampled with truncation.
 *
 * Source: Brock, Donahue and Simonyan 2019, BigGAN, arXiv 1809.11096, equation 3.
 */
export const orthogonal = defineComponent(onGenerator);

/** Orthogonal regularisation of the discriminator; see `orthogonal`. */
export const discriminatorOrthogonal = defineComponent(onDiscriminator);
