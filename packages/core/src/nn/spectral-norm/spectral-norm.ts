import * as tf from "@tensorflow/tfjs-core";
import type { WeightTransform } from "../../contracts/layer.js";
import { GanymedeError } from "../../errors/ganymede-error.js";
import type { ParamTree } from "../../tree/param-tree.js";
import { leaves, mapLeaves } from "../../tree/tree.js";
import { leadingSingular } from "./leading-singular.js";
import type { SingularVectors } from "./power-iteration.js";
import { powerIteration, spectralNormOf } from "./power-iteration.js";

/** Selection of weights and power iteration of `spectralNorm`. */
export interface SpectralNormOptions {
  /** Selects the leaves to normalise. Default: those of rank 2 or more whose path ends in `weight`. */
  readonly select?: (path: string, leaf: tf.Tensor) => boolean;
  /** Added to the norms of the power iteration. Default: 1e-12. */
  readonly epsilon?: number;
  /** Power iterations per step. Default: 1. */
  readonly iterations?: number;
}

/** By path of the leaf: u and v of its power iteration, and its initial norm. */
export type SpectralNormState = Readonly<Record<string, SingularVectors & { readonly sigmaInit: tf.Scalar }>>;

function isWeight(path: string, leaf: tf.Tensor): boolean {
  return leaf.rank >= 2 && /(^|\.)weight$/.test(path);
}

function initialState(path: string, leaf: tf.Tensor): SpectralNormState[string] {
  const outputs = leaf.shape[leaf.rank - 1] as number;
  const { sigma, rows, columns } = leadingSingular(leaf.dataSync(), leaf.size / outputs, outputs);
  if (!(sigma > 0)) {
    throw new GanymedeError(
      "invalid-argument",
      `spectralNorm: the weight "${path}" must not be all zeros; initialise it first`,
    );
  }
  return {
    u: tf.tensor1d(new Float32Array(columns)),
    v: tf.tensor1d(new Float32Array(rows)),
    sigmaInit: tf.scalar(sigma),
  };
}

function spectralTransform<Params extends ParamTree>(
  options: SpectralNormOptions,
  keepScale: boolean,
): WeightTransform<Params, SpectralNormState> {
  const { select = isWeight, epsilon = 1e-12, iterations = 1 } = options;
  return {
    init: (params) =>
      Object.fromEntries(
        leaves(params)
          .filter(({ path, value }) => select(path, value))
          .map(({ path, value }) => [path, initialState(path, value)]),
      ),
    apply: (params, state) =>
      mapLeaves(params, (leaf, path) => {
        const entry = state[path];
        if (entry === undefined) return leaf;
        const sigma = spectralNormOf(leaf, entry);
        return tf.mul(leaf, keepScale ? tf.div(entry.sigmaInit, sigma) : tf.div(1, sigma));
      }),
    advance: (params, state) => {
      const weights = new Map(leaves(params).map(({ path, value }) => [path, value]));
      return Object.fromEntries(
        Object.entries(state).map(([path, entry]) => {
          let vectors: SingularVectors = entry;
          for (let i = 0; i < iterations; i++) {
            vectors = powerIteration(weights.get(path) as tf.Tensor, vectors.u, epsilon);
          }
          return [path, { ...vectors, sigmaInit: tf.clone(entry.sigmaInit) }];
        }),
      );
    },
  };
}

/**
 * Spectral normalisation: W / sigma(W), sigma = v^T W u, where u and v come from one power iteration per step and are constants
 * for the gradient: dL/dW = (G - <G, W / sigma> v u^T) / sigma. They are initialised to the exact singular vectors.
 *
 * Source: Miyato et al. 2018, arXiv 1802.05957, algorithm 1.
 */
export const spectralNorm = <Params extends ParamTree = ParamTree>(options: SpectralNormOptions = {}) =>
  spectralTransform<Params>(options, false);

/**
 * Improved spectral normalisation (ISN): sigma(W_init) W / sigma(W). The initial norm is part of the state, so that checkpoints keep
 * it.
 *
 * Source: Lee et al. 2022, ViTGAN, arXiv 2107.04589, section 3.1, equation 9.
 */
export const improvedSpectralNorm = <Params extends ParamTree = ParamTree>(options: SpectralNormOptions = {}) =>
  spectralTransform<Params>(options, true);
