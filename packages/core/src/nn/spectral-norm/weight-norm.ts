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

/** How a network's weights are normalised: not at all, W / sigma(W), sigma(W at the start) W / sigma(W), or ViTGAN's release's form of it. */
export type WeightNormKind = "none" | keyof typeof transforms;

/** The weight transform that a configuration names; undefined for `none`. */
export function weightNorm(kind: WeightNormKind, options: SpectralNormOptions): WeightTransform<ParamTree> | undefined {
  return kind === "none" ? undefined : transforms[kind](options);
}
