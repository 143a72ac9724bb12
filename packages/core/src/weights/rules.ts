import type { NetworkWeights, WeightLayout, WeightRule } from "../contracts/weights.js";
import { asIs, matrix } from "./layouts.js";

/** A leaf and its name on the other side. */
export function leafRule(ours: string, theirs: string | readonly string[], layout: WeightLayout = asIs): WeightRule {
  return { ours, vectors: false, theirs: typeof theirs === "string" ? [theirs] : theirs, layout };
}

/** A leaf of the weight transform's state, as the vectors of spectral normalisation. */
export function vectorRule(ours: string, theirs: string, layout: WeightLayout = asIs): WeightRule {
  return { ours, vectors: true, theirs: [theirs], layout };
}

/** `weight` and `bias` of a layer whose weight has a layout. */
export function layerRules(ours: string, theirs: string, layout: WeightLayout = matrix, bias = true): WeightRule[] {
  const weight = leafRule(`${ours}.weight`, `${theirs}.weight`, layout);
  return bias ? [weight, leafRule(`${ours}.bias`, `${theirs}.bias`)] : [weight];
}

/** The rules under prefixes of both sides: of one block among several. */
export function rulesAt(ours: string, theirs: string, rules: readonly WeightRule[]): WeightRule[] {
  return rules.map((rule) => ({
    ...rule,
    ours: `${ours}.${rule.ours}`,
    theirs: rule.theirs.map((name) => `${theirs}.${name}`),
  }));
}

/** A network's rules; nothing ignored and nothing absent where left out. */
export function networkWeights(
  rules: readonly WeightRule[],
  ignored: readonly RegExp[] = [],
  absent: readonly RegExp[] = [],
): NetworkWeights {
  return { rules, ignored, absent };
}
