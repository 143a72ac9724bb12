import * as tf from "@tensorflow/tfjs-core";
import type { AdversarialModel } from "../../contracts/model-family.js";
import type { Key } from "../../random/key.js";
import { fold } from "../../random/key.js";
import type { ParamTree } from "../../tree/param-tree.js";
import { mapLeaves } from "../../tree/tree.js";
import { checkTraining } from "../check-training.js";
import type { TrainingConfig } from "../training-config.js";
import type { DiscriminatorInput, DiscriminatorOutput } from "./discriminator-phase.js";
import { discriminatorPhase } from "./discriminator-phase.js";
import type { GeneratorInput, GeneratorOutput } from "./generator-phase.js";
import { generatorPhase } from "./generator-phase.js";
import { penaltyPhase } from "./penalty-schedule.js";
import type { StepChoices } from "./step-parts.js";
import { stepParts } from "./step-parts.js";
import type { Report, StepResult, TrainState } from "./train-state.js";

/** What an image is drawn from. */
export type Sampled<G extends ParamTree> = Pick<TrainState<G, ParamTree>, "average" | "generatorVectors">;

/** How one model is trained. Every function is pure: randomness comes from the key alone, so all of them can be compiled. */
export interface TrainStep<G extends ParamTree, D extends ParamTree> {
  /** A fresh state; the caller owns it. */
  init(key: Key): TrainState<G, D>;
  /** The `phase` argument for a step, 0 and up: which lazy penalties are due. */
  phase(step: number): string;
  /** One iteration: the discriminator, then the generator against it, then the average. */
  step(state: TrainState<G, D>, real: tf.Tensor4D, key: Key, phase: string): StepResult<TrainState<G, D>>;
  /** The two halves of `step`, for engines that run them as two graphs; `key` is the same key. */
  discriminatorPhase(
    state: DiscriminatorInput<G, D>,
    real: tf.Tensor4D,
    key: Key,
    phase: string,
  ): { readonly state: DiscriminatorOutput<D>; readonly report: Report };
  generatorPhase(
    state: GeneratorInput<G, D>,
    key: Key,
  ): { readonly state: GeneratorOutput<G>; readonly report: Report };
  /** Images `[B, H, W, C]` of the averaged generator. */
  sample(state: Sampled<G>, z: tf.Tensor2D): tf.Tensor4D;
  /** Styles w `[B, D]` of latents under the averaged generator, and its images of styles; absent where the model has no w. */
  readonly styles?: {
    of(state: Sampled<G>, z: tf.Tensor2D): tf.Tensor2D;
    draw(state: Sampled<G>, w: tf.Tensor2D): tf.Tensor4D;
  };
}

/**
 * The training step of a generator and a discriminator: simultaneous in neither, D first.
 *
 * @param choices the loss, penalties and augmentation that the training config names.
 * @throws GanymedeError `invalid-config` for a setting out of its range.
 */
export function createTrainStep<G extends ParamTree, D extends ParamTree>(
  model: AdversarialModel<G, D>,
  training: TrainingConfig,
  choices: StepChoices,
): TrainStep<G, D> {
  const parts = stepParts(model, checkTraining(training), choices);
  const { styles } = model;
  const averaged = ({ average, generatorVectors }: Sampled<G>): G =>
    parts.generatorWeights.apply(average, generatorVectors);
  const train: TrainStep<G, D> = {
    init(key) {
      const generator = model.generator.init(fold(key, "generator"));
      const discriminator = model.discriminator.init(fold(key, "discriminator"));
      return {
        step: tf.scalar(0),
        generator,
        discriminator,
        average: mapLeaves(generator, (leaf) => tf.clone(leaf)),
        generatorOptimizer: parts.optimizer.init(generator),
        discriminatorOptimizer: parts.optimizer.init(discriminator),
        generatorVectors: parts.generatorWeights.init(generator, fold(key, "generator/vectors")),
        discriminatorVectors: parts.discriminatorWeights.init(discriminator, fold(key, "discriminator/vectors")),
      };
    },
    phase: (step) => penaltyPhase(choices.penalties, step),
    discriminatorPhase: (state, real, key, phase) =>
      discriminatorPhase(parts, state, real, fold(key, "discriminator"), phase),
    generatorPhase: (state, key) => generatorPhase(parts, state, fold(key, "generator")),
    step(state, real, key, phase) {
      const d = train.discriminatorPhase(state, real, key, phase);
      const g = train.generatorPhase({ ...state, ...d.state }, key);
      return { state: { ...state, ...d.state, ...g.state }, report: { ...d.report, ...g.report } };
    },
    sample: (state, z) => model.generator.apply(averaged(state), z, { mode: "inference" }),
    ...(styles !== undefined && {
      styles: {
        of: (state, z) => styles.of(averaged(state), z),
        draw: (state, w) => styles.draw(averaged(state), w),
      },
    }),
  };
  return train;
}
