import type { ParamTree, WeightTransform } from "@ganymede/core";
import { spectralNorm } from "@ganymede/core/nn";
import type { NormConfig, WeightNorm } from "./config.js";

/** The tables of norms by class. */
const isTable = /Norm\.(scale|shift)\.weight$/;

/**
 * The weight transform of a network, undefined for none: spectral normalisation of every weight, the tables of norms by class among
 * them where they are `spectral`.
 */
export function weightNorm<Params extends ParamTree>(
  kind: WeightNorm,
  tables: NormConfig["tables"] = "spectral",
): WeightTransform<Params> | undefined {
  if (kind === "none") return undefined;
  const select = (path: string, leaf: { readonly rank: number }) =>
    leaf.rank >= 2 && path.endsWith("weight") && (tables === "spectral" || !isTable.test(path));
  return spectralNorm<Params>({ select }) as WeightTransform<Params>;
}
