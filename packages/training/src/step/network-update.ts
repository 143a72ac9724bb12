import type { Key, LabelledImages, Optimizer, ParamTree, WeightTransform } from "@ganymede/core";
import { fold } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { clipByGlobalNorm } from "../optim/clip.js";
import { averageDecay, updateAverage } from "../optim/ema.js";
import { copyStatistics, trained, withStatistics, withTrained } from "../statistics.js";
import { discriminatorImages } from "../training-config.js";
import { discriminatorGradients } from "./discriminator-objective.js";
import { generatorGradients } from "./generator-objective.js";
import { guard } from "./loss-scale.js";
import type { Part } from "./pass.js";
import { progressOf } from "./pass.js";
import { partOf } from "./real-images.js";
import type { NamedTerm, StepParts } from "./resolve-training.js";
import { meanOfParts, partKey } from "./sum-parts.js";
import type { Memories, NetworkName, Report, TrainState } from "./train-state.js";

type Parts = StepParts<ParamTree, ParamTree>;

/** State replaced by an update, and its report. */
export type Updated = { readonly state: Partial<TrainState>; readonly report: Report };

/** One update of a network as pure functions: gradients of each part of the batch, then everything that advances once per update. */
export interface NetworkUpdate {
  readonly network: NetworkName;
  /** Drops fields that the function does not read, so that they do not become inputs of its graph. */
  readonly reads: Readonly<Record<"gradients" | "finish", (state: TrainState) => TrainState>>;
  gradients(state: TrainState, real: LabelledImages | null, key: Key, phase: string): Part;
  /** @param mean mean over all parts. */
  finish(state: TrainState, mean: Part): Updated;
  /** Both for all parts in sequence; `real` holds all of them, `key` is that of the step. */
  update(state: TrainState, real: LabelledImages | null, key: Key, phase: string): Updated;
}

function picker(...names: readonly (keyof TrainState)[]): (state: TrainState) => TrainState {
  return (state) => Object.fromEntries(names.map((name) => [name, state[name]])) as TrainState;
}

const networks = ["step", "generator", "generatorWeightState", "discriminator", "discriminatorWeightState"] as const;

/** Memories after an update, advanced where a term defines it. */
function nextMemories(
  terms: readonly NamedTerm<{ finish?(memory: ParamTree, progress: ReturnType<typeof progressOf>): ParamTree }>[],
  before: Memories,
  mean: Memories,
  progress: ReturnType<typeof progressOf>,
): Memories {
  const finished = Object.entries(mean).map(([id, memory]) => {
    const term = terms.find((each) => each.id === id)?.term;
    return [id, term?.finish?.(memory, progress) ?? memory] as const;
  });
  return { ...before, ...Object.fromEntries(finished) };
}

/** Updates one network: clips gradients, runs the optimizer, replaces running statistics and memories, then advances the vectors of its weight transform. */
function finishNetwork(parts: Parts, network: NetworkName, state: TrainState, mean: Part): Partial<TrainState> {
  const { clipNorm } = parts.training;
  const progress = progressOf(parts, state);
  const grads = clipNorm === null ? mean.grads : clipByGlobalNorm(mean.grads, clipNorm).grads;
  const optimizer: Optimizer = parts.optimizers[network];
  const transform: WeightTransform<ParamTree> = parts[`${network}Weights`];
  const next = optimizer.update(grads, state[`${network}Optimizer`], trained(state[network]), progress);
  const updated = {
    [network]: withStatistics(withTrained(state[network], next.params), mean.statistics),
    [`${network}Optimizer`]: next.state,
    [`${network}Terms`]: nextMemories(parts[`${network}Terms`], state[`${network}Terms`], mean.memories, progress),
  };
  const { kept, scale } = guard(state[`${network}Scale`], mean.grads, updated, state);
  return {
    ...(kept as Partial<TrainState>),
    [`${network}Scale`]: scale,
    [`${network}WeightState`]: transform.advance(kept[network] as ParamTree, state[`${network}WeightState`]),
  };
}

function finishDiscriminator(parts: Parts, state: TrainState, mean: Part): Updated {
  const { augmentation } = parts;
  const signs = mean.report["signs/real"];
  const adapted = signs && augmentation?.adapt?.(state.augmentation, signs, progressOf(parts, state));
  return {
    state: { ...finishNetwork(parts, "discriminator", state, mean), augmentation: adapted ?? state.augmentation },
    report: mean.report,
  };
}

/** The generator's update ends the step, so the EMA follows it. */
function finishGenerator(parts: Parts, state: TrainState, mean: Part): Updated {
  const next = finishNetwork(parts, "generator", state, mean);
  const generator = next.generator as ParamTree;
  const progress = progressOf(parts, state);
  const halfLifeImages = parts.halfLifeImages.at(progress);
  const batch = discriminatorImages(parts.training);
  const decay = averageDecay({ ...parts.training.ema, halfLifeImages, batch }, progress.images);
  const average = updateAverage(trained(state.average), trained(generator), decay);
  return {
    state: {
      step: tf.add(state.step, 1),
      ...next,
      average: copyStatistics(withTrained(state.average, average), generator),
    },
    report: mean.report,
  };
}

function pure(
  parts: Parts,
  { network, gradients, finish, reads }: Omit<NetworkUpdate, "update">,
): NetworkUpdate["update"] {
  const { accumulation } = parts.training;
  return (state, real, key, phase) => {
    const mean = meanOfParts(accumulation, (index) => {
      const part = real === null ? null : partOf(real, index, accumulation);
      return gradients(state, part, partKey(fold(key, network), index, accumulation), phase);
    });
    return finish(reads.finish(state), mean);
  };
}

/** The updates of both networks. */
export function networkUpdates(parts: Parts): Readonly<Record<NetworkName, NetworkUpdate>> {
  const discriminator: Omit<NetworkUpdate, "update"> = {
    network: "discriminator",
    reads: {
      gradients: picker(...networks, "discriminatorTerms", "augmentation", "discriminatorScale"),
      finish: picker(
        ...(["step", "discriminator", "discriminatorOptimizer", "discriminatorWeightState"] as const),
        ...(["discriminatorTerms", "augmentation", "discriminatorScale"] as const),
      ),
    },
    gradients: (state, real, key, phase) => discriminatorGradients(parts, state, real as LabelledImages, key, phase),
    finish: (state, mean) => finishDiscriminator(parts, state, mean),
  };
  const generator: Omit<NetworkUpdate, "update"> = {
    network: "generator",
    reads: {
      gradients: picker(...networks, "generatorTerms", "augmentation", "generatorScale"),
      finish: picker(
        ...(["step", "generator", "generatorOptimizer", "generatorWeightState"] as const),
        ...(["generatorTerms", "generatorScale", "average"] as const),
      ),
    },
    gradients: (state, real, key, phase) => generatorGradients(parts, state, real, key, phase),
    finish: (state, mean) => finishGenerator(parts, state, mean),
  };
  return {
    discriminator: { ...discriminator, update: pure(parts, discriminator) },
    generator: { ...generator, update: pure(parts, generator) },
  };
}
