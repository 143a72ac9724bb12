import type { SingularVectors } from "@ganymede/core/nn";
import { linearMap, powerIteration, spectralNorm } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter, Golden } from "../adapter.js";
import { fromImages, toImages, toKernel, toMatrix } from "./layout.js";

/** How one kind of layer maps between the file's layout and ours, where the outputs are the last axis. */
interface Kind {
  weight(stored: tf.Tensor): tf.Tensor;
  stored(weight: tf.Tensor): tf.Tensor;
  /** The vector over all axes but the outputs, from our order to the file's. */
  rest(v: tf.Tensor1D, weight: tf.Tensor): tf.Tensor;
  apply(weight: tf.Tensor, x: tf.Tensor, bias: tf.Tensor1D | undefined): tf.Tensor;
}

const linearKind: Kind = {
  weight: toMatrix,
  stored: (weight) => tf.transpose(weight),
  rest: (v) => v,
  apply: (weight, x, bias) => linearMap(x, weight as tf.Tensor2D, bias),
};

const embeddingKind: Kind = {
  ...linearKind,
  apply: (weight, x) => tf.gather(tf.transpose(weight), x as tf.Tensor1D),
};

function convolutionKind(stride: number, padding: number): Kind {
  return {
    weight: toKernel,
    stored: (weight) => tf.transpose(weight, [3, 2, 0, 1]),
    rest(v, weight) {
      const apart = tf.reshape(v, weight.shape.slice(0, 3)); // [k, k, in]
      return tf.reshape(tf.transpose(apart, [2, 0, 1]), [-1]);
    },
    apply(weight, x, bias) {
      const zeros: [number, number] = [padding, padding];
      const padded = tf.pad4d(toImages(x), [[0, 0], zeros, zeros, [0, 0]]);
      const y = tf.conv2d(padded, weight as tf.Tensor4D, stride, "valid");
      return fromImages((bias === undefined ? y : tf.add(y, bias)) as tf.Tensor4D);
    },
  };
}

type Iteration = (weight: tf.Tensor, u: tf.Tensor1D) => SingularVectors;

/** One training forward: the vectors advance on the constant weight, the gradient flows through the weight alone. */
function advanced(golden: Golden, kind: Kind, name: string, u: tf.Tensor1D, iterate: Iteration, iterations: number) {
  const constant = kind.weight(golden.constant(name));
  let vectors: SingularVectors = iterate(constant, u);
  for (let i = 1; i < iterations; i++) vectors = iterate(constant, vectors.u);
  const weight = kind.weight(golden.tensor(name));
  const state = { weight: { ...vectors, sigmaInit: tf.scalar(1) } };
  return { vectors, weight: spectralNorm<{ weight: tf.Tensor }>().apply({ weight }, state).weight };
}

interface SpectralNormConfig {
  readonly conv: readonly [number, number, number, number, number];
  readonly power_iterations: number;
  readonly eps: number;
}

export const spectralNorms: Adapter = (golden) => {
  const config = golden.file.config as unknown as SpectralNormConfig;
  const [, , , stride, padding] = config.conv;
  const kinds = { conv: convolutionKind(stride, padding), linear: linearKind, embed: embeddingKind };
  const outputs: Record<string, tf.Tensor> = {};
  for (const [name, kind] of Object.entries(kinds)) {
    // PyTorch keeps norms above its epsilon instead of adding it.
    const iterate: Iteration = (weight, u) => powerIteration(weight, u, 0, config.eps);
    const step = (u: tf.Tensor1D) => advanced(golden, kind, `${name}.weight_orig`, u, iterate, config.power_iterations);
    const x = golden.tensor(`${name}.x`);
    const bias = golden.has(`${name}.bias`) ? golden.tensor<tf.Tensor1D>(`${name}.bias`) : undefined;
    const first = step(golden.constant(`${name}.u0`));
    const second = step(first.vectors.u);
    outputs[`${name}.u1`] = first.vectors.u;
    outputs[`${name}.v1`] = kind.rest(first.vectors.v, first.weight);
    outputs[`${name}.weight_sn`] = kind.stored(first.weight);
    outputs[`${name}.out1`] = kind.apply(first.weight, x, bias);
    outputs[`${name}.u2`] = second.vectors.u;
    outputs[`${name}.out2`] = kind.apply(second.weight, x, bias);
    // Evaluation advances nothing: the vectors of the second forward stay.
    outputs[`${name}.out_eval`] = kind.apply(second.weight, x, bias);
  }
  return outputs;
};

interface PersistentConfig {
  readonly stride: number;
  readonly padding: number;
  readonly power_iterations: number;
  readonly eps: number;
}

export const persistentSpectralNorm: Adapter = (golden) => {
  const { stride, padding, power_iterations, eps } = golden.file.config as unknown as PersistentConfig;
  const kind = convolutionKind(stride, padding);
  const iterate: Iteration = (matrix, u) => powerIteration(matrix, u, eps);
  const { vectors, weight } = advanced(golden, kind, "weight_bar", golden.constant("u0"), iterate, power_iterations);
  return {
    u1: vectors.u,
    v1: kind.rest(vectors.v, weight),
    weight_sn: kind.stored(weight),
    out: kind.apply(weight, golden.tensor("x"), golden.tensor("bias")),
  };
};
