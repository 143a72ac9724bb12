import type { Key, ParamTree } from "@ganymede/core";
import { compile, disposeExcept, fold } from "@ganymede/core";
import type { CompleteTraining } from "../complete-training.js";
import type { DiscriminatorGradients } from "./discriminator-gradients.js";
import { discriminatorGradients } from "./discriminator-gradients.js";
import { afterDiscriminatorPart, discriminatorUpdate } from "./discriminator-phase.js";
import type { GeneratorGradients } from "./generator-gradients.js";
import { generatorGradients } from "./generator-gradients.js";
import { afterGeneratorPart, generatorUpdate } from "./generator-phase.js";
import { addPart, divideParts, partKey } from "./mean-of-parts.js";
import type { LabelledImages } from "./real-images.js";
import type { StepParts } from "./step-parts.js";
import type { Report, TrainState } from "./train-state.js";

/** One network's update of a step: what it replaces in the state, and a report. */
export type Update = (
  state: TrainState,
  real: ((part: number) => LabelledImages) | null,
  key: Key,
  phase: string,
) => Promise<{ readonly state: Partial<TrainState>; readonly report: Report }>;

/** The pure functions of one network's update. */
interface Half<Found> {
  readonly label: string;
  gradients(state: TrainState, real: LabelledImages | null, key: Key, phase: string): Found;
  /** The state for the next part. */
  after(state: TrainState, found: Found): TrainState;
  update(state: TrainState, mean: Found): Partial<TrainState>;
}

type Parts = StepParts<ParamTree, ParamTree>;

export function discriminatorHalf(parts: Parts): Half<DiscriminatorGradients> {
  return {
    label: "discriminator",
    gradients: (state, real, key, phase) => discriminatorGradients(parts, state, real as LabelledImages, key, phase),
    after: afterDiscriminatorPart,
    update: (state, mean) => discriminatorUpdate(parts, state, mean),
  };
}

export function generatorHalf(parts: Parts): Half<GeneratorGradients> {
  return {
    label: "generator",
    gradients: (state, real, key, phase) => generatorGradients(parts, state, key, phase, real),
    after: afterGeneratorPart,
    update: (state, mean) => generatorUpdate(parts, state, mean),
  };
}

/**
 * An update whose gradients are accumulated: one graph per part of the batch, each adding to the sum of those before it, then one graph
 * for the update. At no time do the activations of two parts exist together.
 */
export function updateInParts<Found extends DiscriminatorGradients | GeneratorGradients>(
  half: Half<Found>,
  { accumulation: count, precision }: CompleteTraining,
): Update {
  // States and sums of gradients are no data.
  const options = { precision, weights: [0, 1] };
  const add = compile(
    (state: TrainState, sum: Found | null, real: LabelledImages | null, key: Key, phase: string): Found =>
      addPart(sum, half.gradients(state, real, key, phase)),
    options,
  );
  const finish = compile((state: TrainState, sum: Found) => {
    const mean = divideParts(sum, count);
    return { state: half.update(state, mean) as ParamTree, report: mean.report };
  });
  return async (state, real, key, phase) => {
    const own: { state: TrainState; sum: Found | null } = { state, sum: null };
    try {
      for (let part = 0; part < count; part++) {
        const at = partKey(fold(key, half.label), part, count);
        const found: Found = await add(own.state, own.sum, real === null ? null : real(part), at, phase);
        const before = { ...own };
        [own.sum, own.state] = [found, half.after(own.state, found)];
        disposeExcept(before.state, own.state, state, found);
        if (before.sum !== null) disposeExcept(before.sum, own.state, state, found);
      }
      const done = await finish(own.state, own.sum as Found);
      const result = done as { readonly state: Partial<TrainState>; readonly report: Report };
      disposeExcept(own.sum as Found, done, state, own.state);
      disposeExcept(own.state, done, state);
      return result;
    } catch (error) {
      // A step that fails leaves nothing but the state that it was given.
      disposeExcept(own.state, state);
      if (own.sum !== null) disposeExcept(own.sum, state, own.state);
      throw error;
    }
  };
}
