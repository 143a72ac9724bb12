import type { Key, ParamTree } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { averageDecay, updateAverage } from "../average/moving-average.js";
import { imagesPerStep } from "../complete-training.js";
import { clipByGlobalNorm } from "../optimizer/clip-by-global-norm.js";
import { scheduledRate } from "../optimizer/schedule.js";
import { copyStatistics, trained, withStatistics, withTrained } from "../statistics.js";
import type { GeneratorGradients, GeneratorInput } from "./generator-gradients.js";
import { generatorGradients } from "./generator-gradients.js";
import { guard } from "./loss-scale.js";
import { meanOf } from "./mean-of-parts.js";
import type { LabelledImages } from "./real-images.js";
import { partOf } from "./real-images.js";
import type { StepParts } from "./step-parts.js";
import type { Report, TrainState } from "./train-state.js";

/** What the generator's half of a step replaces. */
export type GeneratorOutput<G extends ParamTree> = Pick<
  TrainState<G>,
  "step" | "generator" | "generatorOptimizer" | "generatorVectors" | "generatorPenalties" | "generatorScale" | "average"
>;

/** The state as one part of a batch leaves it for the next: what is remembered has moved, weights have not. */
export function afterGeneratorPart<State extends GeneratorInput<ParamTree, ParamTree>>(
  state: State,
  { statistics, vectors, penalties }: Pick<GeneratorGradients, "statistics" | "vectors" | "penalties">,
): State {
  return {
    ...state,
    generator: withStatistics(state.generator, statistics),
    generatorVectors: vectors,
    generatorPenalties: penalties,
  };
}

/** Adam with the gradients, clipped where the config says so, then the moving average. */
export function generatorUpdate<G extends ParamTree, D extends ParamTree>(
  { training, optimizer }: StepParts<G, D>,
  state: GeneratorInput<G, D>,
  { grads, statistics, vectors, penalties }: Omit<GeneratorGradients, "report">,
): GeneratorOutput<G> {
  const rate = scheduledRate(training.learningRate.generator, training, state.step);
  const bounded = training.clipNorm === null ? grads : clipByGlobalNorm(grads, training.clipNorm).grads;
  const next = optimizer.update(bounded, state.generatorOptimizer, trained(state.generator), rate);
  const updated = {
    generator: withStatistics(withTrained(state.generator, next.params), statistics),
    generatorOptimizer: next.state,
    generatorPenalties: penalties,
  };
  const { kept, scale } = guard(state.generatorScale, grads, updated, state);
  const images = imagesPerStep(training);
  const decay = averageDecay({ ...training.average, batch: images }, tf.mul(state.step, images));
  const average = updateAverage(trained(state.average), trained(kept.generator), decay);
  return {
    step: tf.add(state.step, 1),
    ...kept,
    generatorScale: scale,
    generatorVectors: vectors,
    average: copyStatistics(withTrained(state.average, average), kept.generator),
  };
}

/**
 * One update of the generator against the discriminator as it now is, then the moving average: a pure function.
 *
 * @param phase which penalties apply, see `penaltyPhase`.
 * @param real `accumulation` parts of `batch` images, where `generatorSeesReal` is true; else null.
 */
export function generatorPhase<G extends ParamTree, D extends ParamTree>(
  parts: StepParts<G, D>,
  state: GeneratorInput<G, D>,
  key: Key,
  phase: string,
  real: LabelledImages | null,
): { readonly state: GeneratorOutput<G>; readonly report: Report } {
  const { accumulation } = parts.training;
  let current = state;
  const gradients = meanOf(accumulation, key, (index, partKey) => {
    const part = real === null ? null : partOf(real, index, accumulation);
    const found = generatorGradients(parts, current, partKey, phase, part);
    current = afterGeneratorPart(current, found);
    return found;
  });
  return { state: generatorUpdate(parts, current, gradients), report: gradients.report };
}
