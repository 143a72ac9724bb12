import type { AdversarialModel, Context, Key, ParamTree, TrainingConfig } from "@ganymede/core";
import { fold, mapLeaves } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { startAdaptation } from "../augment/adaptation.js";
import { imagesPerStep } from "../complete-training.js";
import { trained } from "../statistics.js";
import type { DiscriminatorInput } from "./discriminator-gradients.js";
import type { DiscriminatorOutput } from "./discriminator-phase.js";
import { discriminatorPhase } from "./discriminator-phase.js";
import type { GeneratorInput } from "./generator-gradients.js";
import type { GeneratorOutput } from "./generator-phase.js";
import { generatorPhase } from "./generator-phase.js";
import { startLossScale } from "./loss-scale.js";
import { partKey } from "./mean-of-parts.js";
import { penaltyPhase } from "./penalty-schedule.js";
import type { RealImages } from "./real-images.js";
import { labelled, partOf } from "./real-images.js";
import type { StepChoices, StepParts } from "./step-parts.js";
import { stepParts } from "./step-parts.js";
import type { Report, StepResult, TrainState } from "./train-state.js";

/** What an image is drawn from. */
export type Sampled<G extends ParamTree> = Pick<TrainState<G, ParamTree>, "average" | "generatorVectors">;

/** How one model is trained. Every function is pure: randomness comes from the key alone, so all of them can be compiled. */
export interface TrainStep<G extends ParamTree, D extends ParamTree> {
  /** Model, config and choices, checked. */
  readonly parts: StepParts<G, D>;
  /** Real images that a step takes: updates of the discriminator, times parts of its batch, times the batch. */
  readonly images: number;
  /** A fresh state; the caller owns it. */
  init(key: Key): TrainState<G, D>;
  /** The `phase` argument for a step, 0 and up: which lazy penalties are due. */
  phase(step: number): string;
  /** One iteration: the discriminator, then the generator against it, then the average. `real` holds `images` images. */
  step(state: TrainState<G, D>, real: RealImages, key: Key, phase: string): StepResult<TrainState<G, D>>;
  /** One update of the discriminator, for engines that run a step as several graphs; `key` is the step's. */
  discriminatorPhase(
    state: DiscriminatorInput<G, D>,
    real: RealImages,
    key: Key,
    phase: string,
  ): { readonly state: DiscriminatorOutput<D>; readonly report: Report };
  /** The generator's update; `real` only where `parts.generatorSeesReal`. */
  generatorPhase(
    state: GeneratorInput<G, D>,
    key: Key,
    phase: string,
    real?: RealImages | null,
  ): { readonly state: GeneratorOutput<G>; readonly report: Report };
  /** Images `[B, H, W, C]` of the averaged generator; `labels`, int32 `[B]`, for a model with classes. */
  sample(state: Sampled<G>, z: tf.Tensor2D, labels?: tf.Tensor1D | null): tf.Tensor4D;
  /** Styles w `[B, D]` of latents under the averaged generator, and its images of styles; absent where the model has no w. */
  readonly styles?: {
    of(state: Sampled<G>, z: tf.Tensor2D, labels?: tf.Tensor1D | null): tf.Tensor2D;
    draw(state: Sampled<G>, w: tf.Tensor2D, labels?: tf.Tensor1D | null): tf.Tensor4D;
  };
}

function sampling(labels: tf.Tensor1D | null | undefined): Context {
  return labels == null ? { mode: "inference" } : { mode: "inference", labels };
}

/** The averaged generator as functions of latents and of styles. */
function samplers<G extends ParamTree, D extends ParamTree>(
  parts: StepParts<G, D>,
): Pick<TrainStep<G, D>, "sample" | "styles"> {
  const { model } = parts;
  const { styles } = model;
  const averaged = ({ average, generatorVectors }: Sampled<G>): G =>
    parts.generatorWeights.apply(average, generatorVectors);
  return {
    sample: (state, z, labels) => model.generator.apply(averaged(state), z, sampling(labels)),
    ...(styles !== undefined && {
      styles: {
        of: (state, z, labels) => styles.of(averaged(state), z, sampling(labels)),
        draw: (state, w, labels) => styles.draw(averaged(state), w, sampling(labels)),
      },
    }),
  };
}

function start<G extends ParamTree, D extends ParamTree>(parts: StepParts<G, D>, key: Key): TrainState<G, D> {
  const { model, optimizer, training } = parts;
  const generator = model.generator.init(fold(key, "generator"));
  const discriminator = model.discriminator.init(fold(key, "discriminator"));
  return {
    step: tf.scalar(0),
    generator,
    discriminator,
    average: mapLeaves(generator, (leaf) => tf.clone(leaf)),
    generatorOptimizer: optimizer.init(trained(generator)),
    discriminatorOptimizer: optimizer.init(trained(discriminator)),
    generatorVectors: parts.generatorWeights.init(generator, fold(key, "generator/vectors")),
    discriminatorVectors: parts.discriminatorWeights.init(discriminator, fold(key, "discriminator/vectors")),
    generatorPenalties: Object.fromEntries(parts.generatorPenalties.map((penalty) => [penalty.id, penalty.init()])),
    adaptation: training.adaptation === null ? {} : startAdaptation(),
    generatorScale: training.precision === "float16" ? startLossScale() : {},
    discriminatorScale: training.precision === "float16" ? startLossScale() : {},
  };
}

/**
 * The training step of a generator and a discriminator: the discriminator's updates first, then the generator's.
 *
 * @param choices the loss, penalties and augmentation that the training config names.
 * @throws GanymedeError `invalid-config` for a setting out of its range, `unsupported` for one that the model cannot follow.
 */
export function createTrainStep<G extends ParamTree, D extends ParamTree>(
  model: AdversarialModel<G, D>,
  training: TrainingConfig,
  choices: StepChoices,
): TrainStep<G, D> {
  const parts = stepParts(model, training, choices);
  const { discriminatorSteps } = parts.training;
  const seen = (real: RealImages) => labelled(real, model.classes);
  const train: TrainStep<G, D> = {
    parts,
    images: imagesPerStep(training),
    init: (key) => start(parts, key),
    phase: (step) => penaltyPhase([...parts.penalties, ...parts.generatorPenalties], step),
    discriminatorPhase: (state, real, key, phase) =>
      discriminatorPhase(parts, state, seen(real), fold(key, "discriminator"), phase),
    generatorPhase: (state, key, phase, real = null) =>
      generatorPhase(parts, state, fold(key, "generator"), phase, real === null ? null : seen(real)),
    step(state, real, key, phase) {
      let current = state;
      let report: Report = {};
      for (let index = 0; index < discriminatorSteps; index++) {
        const images = partOf(seen(real), index, discriminatorSteps);
        const d = train.discriminatorPhase(current, images, partKey(key, index, discriminatorSteps), phase);
        current = { ...current, ...d.state };
        report = d.report;
      }
      const last = partOf(seen(real), discriminatorSteps - 1, discriminatorSteps);
      const g = train.generatorPhase(current, key, phase, parts.generatorSeesReal ? last : null);
      return { state: { ...current, ...g.state }, report: { ...report, ...g.report } };
    },
    ...samplers(parts),
  };
  return train;
}
