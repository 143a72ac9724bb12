import type {
  AdversarialModel,
  Key,
  LabelledImages,
  ParamTree,
  PendingEntry,
  StoredTensor,
  TrainingConfig,
} from "@ganymede/core";
import { compile, disposeExcept, disposeTree, fold, loadTree, mapLeaves, treeEntries } from "@ganymede/core";
import type { Batch } from "@ganymede/data";
import * as tf from "@tensorflow/tfjs-core";
import { firstNonFinite } from "./first-non-finite.js";
import type { Report, TrainingComponents, TrainState } from "./step-adapter.js";
import { createIteration, createTrainStep } from "./step-adapter.js";

type Sampled = Pick<TrainState, "average" | "generatorVectors">;

/** A model in training: the only owner of its state. */
export interface Trainer {
  readonly model: AdversarialModel;
  /** Steps taken. */
  readonly step: number;
  /** Real images that a step takes. */
  readonly images: number;
  /** One step on real images; the losses are read back only when they are asked for. */
  advance(real: RealBatch, wantReport: boolean): Promise<Readonly<Record<string, number>> | null>;
  /**
   * Images `[count, H, W, C]` in [-1, 1] of the averaged generator from latents `[count, latentSize]`.
   *
   * @param labels classes `[count]`, for a model with classes.
   */
  sample(z: Float32Array, count: number, labels?: Int32Array): Promise<Float32Array>;
  /** The layer of either network whose output is the first that is not finite on a batch, or null: see `firstNonFinite`. */
  firstNonFinite(real: RealBatch): Promise<string | null>;
  /** The whole state, named by paths; values are read when they are asked for, before the next step. */
  entries(): readonly PendingEntry[];
  /** The same, of the state as it now is: its tensors live until it is disposed of, whatever steps are taken. */
  snapshot(): { readonly entries: readonly PendingEntry[]; dispose(): void };
  dispose(): void;
}

/** Real images of a step: float32 `[N, H, W, C]` in [-1, 1], with their classes where the data has classes. */
export type RealBatch = Pick<Batch, "images" | "shape" | "labels">;

export interface TrainerOptions {
  readonly model: AdversarialModel;
  readonly training: TrainingConfig;
  readonly components: TrainingComponents;
  /** The whole run is a function of it and of the data. */
  readonly key: Key;
  /** A state to go on from, and the file that it came from. */
  readonly resume?: { readonly tensors: ReadonlyMap<string, StoredTensor>; readonly file: string };
}

async function readReport(report: Report): Promise<Record<string, number>> {
  const entries = Object.entries(report).map(
    async ([name, value]) => [name, (await value.data())[0] as number] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** Tensors of the parts of a batch, made when they are asked for. */
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

/** Classes as a tensor, or null for a model without. */
export function labelTensor(labels: Int32Array | undefined): tf.Tensor1D | null {
  return labels === undefined ? null : tf.tensor1d(labels, "int32");
}

/**
 * A trainer on the current backend, from fresh parameters or from a checkpoint.
 *
 * @throws GanymedeError `invalid-checkpoint` when the checkpoint is of another model.
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
      const { average, generatorVectors } = state;
      const images = await sample({ average, generatorVectors }, latents, classes);
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
