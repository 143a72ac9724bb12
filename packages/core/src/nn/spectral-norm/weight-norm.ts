import type { WeightTransform } from "../../contracts/layer.js";
import type { ParamTree } from "../../tree/param-tree.js";
import { releaseSpectralNorm } from "./release-spectral-norm.js";
import type { SpectralNormOptions } from "./spectral-norm.js";
import { improvedSpectralNorm, spectralNorm } from "./spectral-norm.js";

const transforms = {
  spectral: spectralNorm,
  "improved-spectral": improvedSpectralNorm,
  "release-spectral": releaseSpectralNorm,
};

/** Normalisation of a network's weights: none, W / sigma(W), sigma(W_init) W / sigma(W), or the form of ViTGAN's release. */
export type WeightNormKind = "none" | keyof typeof transforms;

/** The weight transform of a configuration; undefined for `none`. */
export function weightNorm(kind: WeightNormKind, options: SpectralNormOptions): WeightTransform<ParamTree> | undefined {
  return kind === "none" ? undefined : transforms[kind](options);
}
