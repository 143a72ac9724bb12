import type { Judged, Key, LabelledImages, Latents, ParamTree, Progress, TermResult } from "@ganymede/core";
import { fold, integers, normal, training } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { discriminatorImages } from "../training-config.js";
import { conditions, withLabels } from "./real-images.js";
import type { NamedTerm, StepParts } from "./resolve-training.js";
import type { Memories, NetworkName, Report, TrainState } from "./train-state.js";

type Update = (statistic: tf.Tensor, next: tf.Tensor) => void;

/** Gradients and other results of one part of a batch. Everything is averaged over parts. */
export type Part = {
  /** In the structure of the trained parameters. */
  readonly grads: ParamTree;
  /** Next values of running statistics, by path. */
  readonly statistics: { readonly [path: string]: tf.Tensor };
  /** Next memories of the terms that applied, by id. */
  readonly memories: Memories;
  readonly report: Report;
};

/** Training progress before a step. */
export function progressOf(
  { training }: Pick<StepParts<ParamTree, ParamTree>, "training">,
  { step }: Pick<TrainState, "step">,
): Progress {
  return { step, images: tf.mul(step, discriminatorImages(training)) };
}

/** z ~ N(0, I) and, if the model has classes, y ~ U{0, ..., classes - 1}. */
export function drawLatents(
  { model }: { readonly model: { readonly latentSize: number; readonly classes?: number | undefined } },
  key: Key,
  count: number,
): Latents {
  const z = normal<tf.Rank.R2>(fold(key, "z"), [count, model.latentSize]);
  const { classes } = model;
  return classes === undefined ? { z } : { z, labels: integers(fold(key, "labels"), [count], 0, classes) };
}

/** Latents of an update's fakes, with classes drawn or taken from the real images. */
export function latentsBeside<G extends ParamTree, D extends ParamTree>(
  parts: StepParts<G, D>,
  key: Key,
  count: number,
  real: LabelledImages | null,
): Latents {
  if (parts.training.fakeLabels === "uniform") return drawLatents(parts, key, count);
  const { z } = drawLatents({ model: { latentSize: parts.model.latentSize } }, key, count);
  return { z, ...withLabels(real?.labels) };
}

/** Images of latents in training mode, by the generator or another of its networks. */
export function generateBy<Params extends ParamTree, Output>(
  network: { apply(params: Params, z: tf.Tensor2D, context: ReturnType<typeof trainingContext>): Output },
  weights: Params,
  { z, labels }: Latents,
  key: Key,
  step: tf.Scalar,
  update?: Update,
): Output {
  return network.apply(weights, z, trainingContext(fold(key, "generator"), labels, step, update));
}

/** A context in training mode. */
export function trainingContext(key: Key, labels: tf.Tensor1D | undefined, step: tf.Scalar, update?: Update) {
  return { ...training(key, conditions(labels, step)), ...(update !== undefined && { update }) };
}

/** The discriminator as an objective uses it. */
export interface Judge<D extends ParamTree> {
  augment(images: tf.Tensor4D, draw: string): tf.Tensor4D;
  judgeBy<Output>(
    network: { apply(params: D, images: tf.Tensor4D, context: ReturnType<typeof trainingContext>): Output },
    judged: Judged,
  ): Output;
}

/** D with augmentation, transformed weights and labels applied, for one or more forward passes. */
export function createJudge<G extends ParamTree, D extends ParamTree>(
  { augmentation }: StepParts<G, D>,
  state: Pick<TrainState, "augmentation">,
  progress: Progress,
  { weights, key, update }: { readonly weights: D; readonly key: Key; readonly update?: Update },
): Judge<D> {
  const augment = (images: tf.Tensor4D, draw: string): tf.Tensor4D =>
    augmentation === null
      ? images
      : augmentation.apply(images, fold(fold(key, "augment"), draw), { progress, memory: state.augmentation });
  return {
    augment,
    judgeBy: (network, { images, labels, draw, augment: augmented = true }) =>
      network.apply(
        weights,
        augmented ? augment(images, draw) : images,
        trainingContext(fold(key, draw), labels, progress.step, update),
      ),
  };
}

const separator = "+";

/** Which lazy terms apply at a step, as a plain value: a compiled update is traced once per value. */
export function phaseOf(terms: readonly NamedTerm<{ readonly every: number }>[], step: number): string {
  const due = terms.filter(({ term: { every } }) => every > 1 && step % every === 0);
  return due.map(({ id }) => id).join(separator);
}

/** Terms that apply in a phase. */
export function termsIn<Term extends { readonly every: number }>(
  terms: readonly NamedTerm<Term>[],
  phase: string,
): readonly NamedTerm<Term>[] {
  const due = phase.split(separator);
  return terms.filter(({ id, term }) => term.every === 1 || due.includes(id));
}

/** Initial memories of the terms that have one. */
export function startMemories(terms: readonly NamedTerm<{ init?(): ParamTree }>[]): Memories {
  return Object.fromEntries(terms.flatMap(({ id, term }) => (term.init === undefined ? [] : [[id, term.init()]])));
}

/** The key of a term in an update. */
export const termKey = (key: Key, id: string): Key => fold(key, `term/${id}`);

/** Sums of the values of terms. */
export interface Summed {
  readonly value: tf.Scalar;
  readonly memories: Memories;
  readonly report: Report;
}

/** Sums an adversarial loss and terms: weights * loss + sum of every * value. */
export function sumTerms(
  adversarial: tf.Scalar,
  terms: readonly NamedTerm<{ readonly every: number; readonly lossWeight?: number }>[],
  results: readonly (TermResult | undefined)[],
  network: NetworkName,
): Summed {
  const weight = terms.reduce((product, { term }) => product * (term.lossWeight ?? 1), 1);
  let value = weight === 1 ? adversarial : (tf.mul(adversarial, weight) as tf.Scalar);
  const memories: Record<string, ParamTree> = {};
  const report: Record<string, tf.Scalar> = {};
  const prefix = network === "generator" ? "loss/g/" : "loss/";
  for (const [index, { id, term }] of terms.entries()) {
    const result = results[index];
    if (result === undefined) continue;
    const scaled = term.every === 1 ? result.value : (tf.mul(result.value, term.every) as tf.Scalar);
    value = tf.add(value, scaled);
    report[`${prefix}${id}`] = scaled;
    if (result.memory !== undefined) memories[id] = result.memory;
    for (const [name, number] of Object.entries(result.report ?? {})) report[`${id}/${name}`] = number;
  }
  return { value, memories, report };
}
