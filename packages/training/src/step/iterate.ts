import type { Key, ParamTree } from "@ganymede/core";
import { compile, disposeExcept, disposeTree } from "@ganymede/core";
import type { Update } from "./accumulate.js";
import { discriminatorHalf, generatorHalf, updateInParts } from "./accumulate.js";
import { discriminatorInput } from "./discriminator-gradients.js";
import type { GeneratorInput } from "./generator-gradients.js";
import { generatorInput } from "./generator-gradients.js";
import { partKey } from "./mean-of-parts.js";
import { penaltyPhase } from "./penalty-schedule.js";
import type { RealImages } from "./real-images.js";
import { labelled } from "./real-images.js";
import type { Report, StepResult, TrainState } from "./train-state.js";
import type { TrainStep } from "./train-step.js";

/**
 * Runs one step. `state` stays whole; the result shares with it the leaves that did not change.
 *
 * @param real images of one part of one update of the discriminator, counted in the order in which they lie in the batch of
 *   `train.step`; borrowed for the time of the call.
 * @param step steps taken before this one.
 */
export type Iterate = (
  state: TrainState,
  real: (part: number) => RealImages,
  key: Key,
  step: number,
) => Promise<StepResult<TrainState>>;

function updatesOf(train: TrainStep<ParamTree, ParamTree>): {
  readonly discriminator: Update;
  readonly generator: Update;
} {
  const { parts } = train;
  const { accumulation } = parts.training;
  if (accumulation > 1) {
    return {
      discriminator: updateInParts(discriminatorHalf(parts), parts.training),
      generator: updateInParts(generatorHalf(parts), parts.training),
    };
  }
  // The first argument is the state, and with it the weights.
  const options = { precision: parts.training.precision, weights: [0] };
  const discriminator = compile(train.discriminatorPhase, options);
  const generator = compile(
    (state: GeneratorInput<ParamTree, ParamTree>, key: Key, phase: string, real: RealImages | null) =>
      train.generatorPhase(state, key, phase, real),
    options,
  );
  return {
    discriminator: (state, real, key, phase) =>
      discriminator(discriminatorInput(state), real?.(0) as never, key, phase),
    generator: (state, real, key, phase) =>
      generator(generatorInput(state), key, phase, real === null ? null : real(0)),
  };
}

/**
 * `train.step` as several graphs, which together need a part of its memory: one per update, or, with accumulated gradients, one per part
 * of a batch and one per update.
 */
export function createIteration(train: TrainStep<ParamTree, ParamTree>): Iterate {
  const { parts } = train;
  const { discriminatorSteps, accumulation } = parts.training;
  const update = updatesOf(train);
  return async (state, real, key, step) => {
    const images = (updateIndex: number) => (part: number) =>
      labelled(real(updateIndex * accumulation + part), parts.model.classes);
    let current = state;
    let report: Report = {};
    // Nothing of the state is freed before all is done: a step that fails leaves it as it was.
    const take = (next: { readonly state: Partial<TrainState>; readonly report: Report }) => {
      const before = { current, report };
      current = { ...current, ...next.state };
      report = { ...report, ...next.report };
      // What an update replaced for the first time is the caller's; looking for it among all leaves would take as long as the update's call.
      const names = Object.keys(next.state) as (keyof TrainState)[];
      const own = names.map((name) => before.current[name]).filter((part, i) => part !== state[names[i]!]);
      if (own.length > 0) disposeExcept(own, current, state);
      disposeExcept(before.report, report);
    };
    try {
      const penalties = penaltyPhase(parts.penalties, step);
      for (let index = 0; index < discriminatorSteps; index++) {
        take(await update.discriminator(current, images(index), partKey(key, index, discriminatorSteps), penalties));
      }
      const seen = parts.generatorSeesReal ? images(discriminatorSteps - 1) : null;
      take(await update.generator(current, seen, key, penaltyPhase(parts.generatorPenalties, step)));
      return { state: current, report };
    } catch (error) {
      disposeExcept(current, state);
      disposeTree(report);
      throw error;
    }
  };
}
