import type { NetworkWeights, WeightLayout, WeightRule } from "../contracts/weights.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import { asIs, transposeLinear } from "./layouts.js";

/** A leaf and its name in the authors' files. */
export function leafRule(ours: string, theirs: string | readonly string[], layout: WeightLayout = asIs): WeightRule {
  return { ours, vectors: false, theirs: typeof theirs === "string" ? [theirs] : theirs, layout };
}

/** A leaf of the weight transform's state, such as u and v of spectral normalisation. */
export function vectorRule(ours: string, theirs: string, layout: WeightLayout = asIs): WeightRule {
  return { ours, vectors: true, theirs: [theirs], layout };
}

/** `weight` and `bias` of a layer; the layout applies to the weight. */
export function layerRules(
  ours: string,
  theirs: string,
  layout: WeightLayout = transposeLinear,
  bias = true,
): WeightRule[] {
  const weight = leafRule(`${ours}.weight`, `${theirs}.weight`, layout);
  return bias ? [weight, leafRule(`${ours}.bias`, `${theirs}.bias`)] : [weight];
}

/** The rules of one block, with prefixes on both sides. */
export function rulesAt(ours: string, theirs: string, rules: readonly WeightRule[]): WeightRule[] {
  return rules.map((rule) => ({
    ...rule,
    ours: `${ours}.${rule.ours}`,
    theirs: rule.theirs.map((name) => `${theirs}.${name}`),
  }));
}

/** The rules of each of `count` equal blocks in a list; the files count from `first`. */
export function listRules(
  ours: string,
  theirs: string,
  count: number,
  rules: readonly WeightRule[],
  first = 0,
): WeightRule[] {
  return Array.from({ length: count }, (_, index) =>
    rulesAt(`${ours}.${index}`, `${theirs}.${index + first}`, rules),
  ).flat();
}

/** `scale` and `shift` of a norm, named `weight` and `bias` in the files. */
export function normRules(ours: string, theirs: string): WeightRule[] {
  return [leafRule(`${ours}.scale`, `${theirs}.weight`), leafRule(`${ours}.shift`, `${theirs}.bias`)];
}

/** Throws `unsupported` with the rule unless it holds. */
export type WeightsNeed = (holds: boolean, rule: string) => asserts holds;

/**
 * Creates the check of what the authors' code can express.
 *
 * @param weights whose weights, with the family: `vitgan: weights of the release`.
 * @param instead what to choose instead: `the preset vitgan-cifar10-release`.
 */
export function weightsNeed(weights: string, instead: string): WeightsNeed {
  return (holds, rule) => {
    if (!holds) throw new GanymedeError("unsupported", `${weights} need ${rule}; choose ${instead}`);
  };
}

/** The rules of a network. Default: nothing ignored and nothing absent. */
export function networkWeights(
  rules: readonly WeightRule[],
  ignored: readonly RegExp[] = [],
  absent: readonly RegExp[] = [],
): NetworkWeights {
  return { rules, ignored, absent };
}
