import type { AdversarialModel, Context, Key, Observe, ParamTree, TrainingConfig } from "@ganymede/core";
import { disposeExcept, fold, inference, mapLeaves } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { trained } from "../statistics.js";
import { imagesPerStep } from "../training-config.js";
import { startLossScale } from "./loss-scale.js";
import type { NetworkUpdate } from "./network-update.js";
import { networkUpdates } from "./network-update.js";
import { phaseOf, startMemories } from "./pass.js";
import type { RealImages } from "./real-images.js";
import { labelled, partOf } from "./real-images.js";
import type { StepParts, TrainingComponents } from "./resolve-training.js";
import { resolveTraining } from "./resolve-training.js";
import { partKey } from "./sum-parts.js";
import type { NetworkName, Report, StepResult, TrainState } from "./train-state.js";

/** State that images are sampled from. */
export type Sampled<G extends ParamTree> = Pick<TrainState<G, ParamTree>, "average" | "generatorWeightState">;

/** Training step of one model. All functions are pure: randomness comes only from the key, so all of them can be compiled. */
export interface TrainStep<G extends ParamTree, D extends ParamTree> {
  /** Model, config and resolved parts. */
  readonly parts: StepParts<G, D>;
  /** Real images per step. */
  readonly images: number;
  /** Returns an initial state, which the caller owns. */
  init(key: Key): TrainState<G, D>;
  /** Which lazy terms of each network are due at a step (from 0). */
  phases(step: number): Readonly<Record<NetworkName, string>>;
  /** The same as one plain value: the argument `phase` of `step`. */
  phase(step: number): string;
  /** One iteration: updates of the discriminator, of the generator against it, then of the EMA. `real` holds `images` images. */
  step(state: TrainState<G, D>, real: RealImages, key: Key, phase: string): StepResult<TrainState<G, D>>;
  /** The updates of a step, for engines that run it as several graphs. */
  readonly updates: Readonly<Record<NetworkName, NetworkUpdate>>;
  /** Images `[B, H, W, C]` of the generator's EMA; `labels` int32 `[B]` for a model with classes; see `Context` for `observe`. */
  sample(state: Sampled<G>, z: tf.Tensor2D, labels?: tf.Tensor1D | null, observe?: Observe): tf.Tensor4D;
  /** Mapping and synthesis of the generator's EMA, latents to styles w `[B, D]` to images; absent if the model has no w. */
  readonly styles?: {
    mapping(state: Sampled<G>, z: tf.Tensor2D, labels?: tf.Tensor1D | null): tf.Tensor2D;
    synthesis(state: Sampled<G>, w: tf.Tensor2D, labels?: tf.Tensor1D | null): tf.Tensor4D;
  };
}

function sampling(labels: tf.Tensor1D | null | undefined, observe?: Observe): Context {
  return { ...inference, ...(labels != null && { labels }), ...(observe && { observe }) };
}

/** The generator's EMA as functions of latents and of styles. */
function samplers<G extends ParamTree, D extends ParamTree>(
  parts: StepParts<G, D>,
): Pick<TrainStep<G, D>, "sample" | "styles"> {
  const { model } = parts;
  const { styles } = model;
  const averaged = ({ average, generatorWeightState }: Sampled<G>): G =>
    parts.generatorWeights.apply(average, generatorWeightState);
  return {
    sample: (state, z, labels, observe) => model.generator.apply(averaged(state), z, sampling(labels, observe)),
    ...(styles !== undefined && {
      styles: {
        mapping: (state, z, labels) => styles.mapping(averaged(state), z, sampling(labels)),
        synthesis: (state, w, labels) => styles.synthesis(averaged(state), w, sampling(labels)),
      },
    }),
  };
}

function start<G extends ParamTree, D extends ParamTree>(parts: StepParts<G, D>, key: Key): TrainState<G, D> {
  const { model, optimizers, training } = parts;
  const generator = model.generator.init(fold(key, "generator"));
  const discriminator = model.discriminator.init(fold(key, "discriminator"));
  return {
    step: tf.scalar(0),
    generator,
    discriminator,
    average: mapLeaves(generator, (leaf) => tf.clone(leaf)),
    generatorOptimizer: optimizers.generator.init(trained(generator)),
    discriminatorOptimizer: optimizers.discriminator.init(trained(discriminator)),
    generatorWeightState: parts.generatorWeights.init(generator, fold(key, "generator/vectors")),
    discriminatorWeightState: parts.discriminatorWeights.init(discriminator, fold(key, "discriminator/vectors")),
    generatorTerms: startMemories(parts.generatorTerms),
    discriminatorTerms: startMemories(parts.discriminatorTerms),
    augmentation: parts.augmentation?.init?.() ?? {},
    generatorScale: training.precision === "float16" ? startLossScale() : {},
    discriminatorScale: training.precision === "float16" ? startLossScale() : {},
  };
}

/** Separates the phases of the two networks. */
const separator = "/";

/**
 * The training step of a generator and a discriminator: the discriminator's updates first, then the generator's.
 *
 * @param components registry of the parts that the config names. Default: those of this package.
 * @throws GanymedeError `invalid-config` for a setting out of range, `unknown-name` for an unknown part, `unsupported` for a part that the
 *   model does not support.
 */
export function createTrainStep<G extends ParamTree, D extends ParamTree>(
  model: AdversarialModel<G, D>,
  training: TrainingConfig,
  components?: TrainingComponents,
): TrainStep<G, D> {
  const parts = resolveTraining(model, training, components);
  const { discriminatorSteps, generatorReal } = parts.training;
  const updates = networkUpdates(parts as unknown as StepParts<ParamTree, ParamTree>);
  const phases = (step: number) => ({
    discriminator: phaseOf(parts.discriminatorTerms, step),
    generator: phaseOf(parts.generatorTerms, step),
  });
  return {
    parts,
    images: imagesPerStep(training),
    init: (key) => start(parts, key),
    phases,
    phase: (step) => Object.values(phases(step)).join(separator),
    updates,
    step(state, real, key, phase) {
      const [forDiscriminator = "", forGenerator = ""] = phase.split(separator);
      const all = labelled(real, model.classes);
      const batches = discriminatorSteps + (generatorReal === "own" ? 1 : 0);
      let current: TrainState = state;
      let report: Report = {};
      for (let index = 0; index < discriminatorSteps; index++) {
        const at = partKey(key, index, discriminatorSteps);
        const d = updates.discriminator.update(current, partOf(all, index, batches), at, forDiscriminator);
        current = { ...current, ...d.state };
        report = d.report;
      }
      const seen = parts.generatorSeesReal ? partOf(all, batches - 1, batches) : null;
      const g = updates.generator.update(current, seen, key, forGenerator);
      return {
        state: { ...current, ...g.state } as TrainState<G, D>,
        report: { ...report, ...g.report },
      };
    },
    ...samplers(parts),
  };
}

/**
 * Runs one step and takes ownership of the state: the old one is freed once the new one exists, and stays intact if the step fails.
 *
 * @param run returns the next state and a report, like a compiled `step`; the caller owns both.
 */
export async function advance<State extends ParamTree>(
  state: State,
  run: (state: State) => Promise<StepResult<State>>,
): Promise<{ readonly state: State; readonly report: Report }> {
  const result = await run(state);
  disposeExcept(state, result.state);
  return result;
}
