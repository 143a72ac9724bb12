import * as tf from "@tensorflow/tfjs-core";
import type { WeightTransform } from "../../contracts/layer.js";
import type { ParamTree } from "../../tree/param-tree.js";
import { mapLeaves } from "../../tree/tree.js";
import { powerIteration, spectralNormOf } from "./power-iteration.js";
import type { SpectralNormOptions, SpectralNormState } from "./spectral-norm.js";
import { improvedSpectralNorm } from "./spectral-norm.js";

/**
 * Improved spectral normalisation as in ViTGAN's release: every forward pass restarts the power iteration from the initial u,
 * and gradients flow through the iteration.
 *
 * Source: mlpc-ucsd/ViTGAN, `vit_common.py`. Differs from the paper, which `improvedSpectralNorm` follows; prefer that one.
 */
export function releaseSpectralNorm<Params extends ParamTree = ParamTree>({
  select,
  epsilon = 1e-4,
  iterations = 1,
}: SpectralNormOptions = {}): WeightTransform<Params, SpectralNormState> {
  const exact = improvedSpectralNorm<Params>(select === undefined ? { epsilon } : { epsilon, select });
  return {
    init: exact.init,
    apply: (params, state) =>
      mapLeaves(params, (leaf, path) => {
        const entry = state[path];
        if (entry === undefined) return leaf;
        let vectors = { u: entry.u, v: entry.v };
        for (let i = 0; i < iterations; i++) vectors = powerIteration(leaf, vectors.u, epsilon);
        return tf.mul(leaf, tf.div(entry.sigmaInit, spectralNormOf(leaf, vectors)));
      }),
    advance: (_, state) => mapLeaves(state, (leaf) => tf.clone(leaf)),
  };
}
