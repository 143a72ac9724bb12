import type { AdversarialModel, Key, LabelledImages, ParamTree, TrainingConfig } from "@ganymede/core";
import { compile, disposeExcept, disposeTree, fold, mapLeaves } from "@ganymede/core";
import type { PendingEntry, StoredTensor } from "@ganymede/core/checkpoint";
import { loadTree, treeEntries } from "@ganymede/core/checkpoint";
import type { Batch } from "@ganymede/data";
import * as tf from "@tensorflow/tfjs-core";
import { firstNonFinite } from "./first-non-finite.js";
import type { Report, TrainingComponents, TrainState } from "./step-adapter.js";
import { createIteration, createTrainStep } from "./step-adapter.js";

type Sampled = Pick<TrainState, "average" | "generatorWeightState">;

/** A model in training; the only owner of its state. */
export interface Trainer {
  readonly model: AdversarialModel;
  /** Steps taken. */
  readonly step: number;
  /** Real images per step. */
  readonly images: number;
  /** Takes one step on real images; losses are read back only if `wantReport` is true. */
  advance(real: RealBatch, wantReport: boolean): Promise<Readonly<Record<string, number>> | null>;
  /**
   * Images `[count, H, W, C]` in [-1, 1] of the generator's EMA from latents `[count, latentSize]`.
   *
   * @param labels classes `[count]`, for a model with classes.
   */
  sample(z: Float32Array, count: number, labels?: Int32Array): Promise<Float32Array>;
  /** Path of the first layer with a non-finite output on a batch, or null; see `firstNonFinite`. */
  firstNonFinite(real: RealBatch): Promise<string | null>;
  /** The whole state by path; values are read on demand, before the next step. */
  entries(): readonly PendingEntry[];
  /** The same for the current state: its tensors live until it is disposed, whatever steps follow. */
  snapshot(): { readonly entries: readonly PendingEntry[]; dispose(): void };
  dispose(): void;
}

/** Real images of a step: float32 `[N, H, W, C]` in [-1, 1], with classes if the data has them. */
export type RealBatch = Pick<Batch, "images" | "shape" | "labels">;

export interface TrainerOptions {
  readonly model: AdversarialModel;
  readonly training: TrainingConfig;
  readonly components: TrainingComponents;
  /** Root key: the run is a function of it and of the data. */
  readonly key: Key;
  /** A state to resume from, and its file. */
  readonly resume?: { readonly tensors: ReadonlyMap<string, StoredTensor>; readonly file: string };
}

async function readReport(report: Report): Promise<Record<string, number>> {
  const entries = Object.entries(report).map(
    async ([name, value]) => [name, (await value.data())[0] as number] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** Tensors of the parts of a batch, created on demand. */
function partsOf({ images, shape, labels }: RealBatch, count: number) {
  const [all, height, width, channels] = shape;
  const size = all / count;
  const pixels = size * height * width * channels;
  const made: LabelledImages[] = [];
  return {
    part(index: number): LabelledImages {
      const tensor = tf.tensor4d(images.subarray(index * pixels, (index + 1) * pixels), [
        size,
        height,
        width,
        channels,
      ]);
      const classes = labels && tf.tensor1d(labels.subarray(index * size, (index + 1) * size), "int32");
      const part = classes === undefined ? { images: tensor } : { images: tensor, labels: classes };
      made.push(part);
      return part;
    },
    dispose: () => disposeTree(made),
  };
}

/** Classes as a tensor, or null for a model without classes. */
export function labelTensor(labels: Int32Array | undefined): tf.Tensor1D | null {
  return labels === undefined ? null : tf.tensor1d(labels, "int32");
}

/**
 * Creates a trainer on the current backend, from new parameters or from a checkpoint.
 *
 * @throws GanymedeError `invalid-checkpoint` if the checkpoint belongs to another model.
 */
export async function createTrainer(options: TrainerOptions): Promise<Trainer> {
  const { model, key } = options;
  const train = createTrainStep<ParamTree, ParamTree>(model, options.training, options.components);
  let state = train.init(fold(key, "init"));
  if (options.resume !== undefined) {
    const fresh = state;
    try {
      state = await loadTree<TrainState>(fresh, options.resume.tensors, options.resume.file);
    } finally {
      disposeTree(fresh);
    }
  }
  let step = Math.round((await state.step.data())[0] as number);
  const runKey = fold(key, "steps");
  const iterate = createIteration(train);
  const sample = compile((from: Sampled, z: tf.Tensor2D, labels: tf.Tensor1D | null) => train.sample(from, z, labels));

  return {
    model,
    get step() {
      return step;
    },
    async advance(batch, wantReport) {
      const real = partsOf(batch, train.images / options.training.batch);
      const { state: next, report } = await iterate(state, real.part, fold(runKey, step), step).finally(real.dispose);
      disposeExcept(state, next);
      state = next;
      step++;
      try {
        return wantReport ? await readReport(report) : null;
      } finally {
        disposeTree(report);
      }
    },
    images: train.images,
    async sample(z, count, labels) {
      const latents = tf.tensor2d(z, [count, model.latentSize]);
      const classes = labelTensor(labels);
      const { average, generatorWeightState } = state;
      const images = await sample({ average, generatorWeightState }, latents, classes);
      const values = (await images.data()) as Float32Array;
      tf.dispose([latents, images, classes ?? []]);
      return values;
    },
    firstNonFinite(batch) {
      const real = partsOf(batch, train.images / options.training.batch);
      return firstNonFinite(train, state, real.part(0)).finally(real.dispose);
    },
    entries: () => treeEntries(state),
    snapshot() {
      const held = mapLeaves(state, (leaf) => tf.clone(leaf));
      return { entries: treeEntries(held), dispose: () => disposeTree(held) };
    },
    dispose: () => disposeTree(state),
  };
}
