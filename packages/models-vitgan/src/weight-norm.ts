import type { ParamTree, WeightTransform } from "@ganymede/core";
import { improvedSpectralNorm, releaseSpectralNorm, spectralNorm } from "@ganymede/core/nn";
import type { WeightNorm } from "./config.js";

/** The weights of every projection: patch embedding, attention, MLP; not those of norms, positions, styles and heads. */
function isProjection(path: string, leaf: { readonly rank: number }): boolean {
  return leaf.rank >= 2 && /(^|\.)(embedding|attention|mlp)(\.|$)/.test(path) && path.endsWith("weight");
}

const makers = {
  none: () => undefined,
  spectral: <Params extends ParamTree>() => spectralNorm<Params>({ select: isProjection }),
  "improved-spectral": <Params extends ParamTree>() => improvedSpectralNorm<Params>({ select: isProjection }),
  "release-spectral": <Params extends ParamTree>() => releaseSpectralNorm<Params>({ select: isProjection }),
} satisfies Record<WeightNorm, () => WeightTransform<ParamTree> | undefined>;

/** The weight transform of a config, undefined for none. */
export function weightNorm<Params extends ParamTree>(kind: WeightNorm): WeightTransform<Params> | undefined {
  return makers[kind]<Params>() as WeightTransform<Params> | undefined;
}
