import type { Key, ParamTree } from "@ganymede/core";
import { clipByGlobalNorm } from "../optimizer/clip-by-global-norm.js";
import { scheduledRate } from "../optimizer/schedule.js";
import { trained, withStatistics, withTrained } from "../statistics.js";
import type { DiscriminatorGradients, DiscriminatorInput } from "./discriminator-gradients.js";
import { discriminatorGradients } from "./discriminator-gradients.js";
import { guard } from "./loss-scale.js";
import { meanOf } from "./mean-of-parts.js";
import type { LabelledImages } from "./real-images.js";
import { partOf } from "./real-images.js";
import type { StepParts } from "./step-parts.js";
import type { Report, TrainState } from "./train-state.js";

/** What the discriminator's half of a step replaces. */
export type DiscriminatorOutput<D extends ParamTree> = {
  readonly discriminator: D;
  readonly discriminatorOptimizer: TrainState["discriminatorOptimizer"];
  readonly discriminatorVectors: ParamTree;
  readonly adaptation: ParamTree;
  readonly discriminatorScale: ParamTree;
};

/** The state as one part of a batch leaves it for the next: statistics and vectors have moved, weights have not. */
export function afterDiscriminatorPart<State extends DiscriminatorInput<ParamTree, ParamTree>>(
  state: State,
  { statistics, vectors }: Pick<DiscriminatorGradients, "statistics" | "vectors">,
): State {
  return {
    ...state,
    discriminator: withStatistics(state.discriminator, statistics),
    discriminatorVectors: vectors,
  };
}

/** Adam with the gradients, clipped where the config says so. */
export function discriminatorUpdate<G extends ParamTree, D extends ParamTree>(
  { training, optimizer }: StepParts<G, D>,
  state: DiscriminatorInput<G, D>,
  { grads, statistics, vectors, adaptation }: Omit<DiscriminatorGradients, "report">,
): DiscriminatorOutput<D> {
  const rate = scheduledRate(training.learningRate.discriminator, training, state.step);
  const bounded = training.clipNorm === null ? grads : clipByGlobalNorm(grads, training.clipNorm).grads;
  const next = optimizer.update(bounded, state.discriminatorOptimizer, trained(state.discriminator), rate);
  const updated = {
    discriminator: withStatistics(withTrained(state.discriminator, next.params), statistics),
    discriminatorOptimizer: next.state,
  };
  const { kept, scale } = guard(state.discriminatorScale, grads, updated, state);
  return { ...kept, discriminatorScale: scale, discriminatorVectors: vectors, adaptation };
}

/**
 * One update of the discriminator, a pure function: real up, fake down, the penalties of this phase, Adam.
 *
 * @param real `accumulation` parts of `batch` images.
 * @param phase which penalties apply, see `penaltyPhase`.
 */
export function discriminatorPhase<G extends ParamTree, D extends ParamTree>(
  parts: StepParts<G, D>,
  state: DiscriminatorInput<G, D>,
  real: LabelledImages,
  key: Key,
  phase: string,
): { readonly state: DiscriminatorOutput<D>; readonly report: Report } {
  const { accumulation } = parts.training;
  let current = state;
  const gradients = meanOf(accumulation, key, (index, partKey) => {
    const found = discriminatorGradients(parts, current, partOf(real, index, accumulation), partKey, phase);
    current = afterDiscriminatorPart(current, found);
    return found;
  });
  return { state: discriminatorUpdate(parts, current, gradients), report: gradients.report };
}
