import type { TrainingConfig } from "@ganymede/core";
import { disposeExcept, disposeTree, fold, key, leaves, uniform } from "@ganymede/core";
import { vitganFamily } from "@ganymede/models-vitgan";
import type { TrainState } from "@ganymede/training";
import { createIteration, createTrainStep } from "@ganymede/training";
import * as tf from "@tensorflow/tfjs-core";

/** What some training iterations on the current backend gave. */
export interface Training {
  readonly backend: string;
  /** Losses of all iterations, in order. */
  readonly losses: readonly number[];
  /** Tensors alive after each iteration. */
  readonly tensors: readonly number[];
  /** Bytes of the backend's buffers that hold tensors after each iteration, and of these with those that are kept to serve again. */
  readonly bytes: readonly (readonly [live: number, held: number])[];
  /** Milliseconds of each iteration; the first traces and loads. */
  readonly milliseconds: readonly number[];
}

/** `vitgan-tiny` with one block of each network, 16 wide, for images of 8 pixels; or as it is. */
function modelOf(size: "small" | "tiny") {
  const family = vitganFamily;
  const preset = family.presets.find(({ id }) => id === "vitgan-tiny")!;
  const { model, training } = preset;
  if (size === "tiny") return { family, model, training };
  const narrow = { width: 16, depth: 1, heads: 2, mlpWidth: 32 };
  const output = { kind: "implicit", hidden: [16], mappingLayers: 0, noise: false } as const;
  const generator = { ...model.generator, ...narrow, latentSize: 8, output };
  return {
    family,
    model: { ...model, imageSize: 8, generator, discriminator: { ...model.discriminator, ...narrow } } as typeof model,
    training,
  };
}

/** Trains a new ViTGAN on random images, all from fixed keys, on the current backend, one of ONNX Runtime. */
export async function train(size: "small" | "tiny", batch: number, steps: number): Promise<Training> {
  const { family, model, training } = modelOf(size);
  const config: TrainingConfig = { ...training, batch, augmentation: "diffaugment" };
  const step = createTrainStep(family.create(model), config);
  const iterate = createIteration(step);
  const result = {
    losses: [] as number[],
    tensors: [] as number[],
    bytes: [] as [number, number][],
    milliseconds: [] as number[],
  };
  const { pool } = tf.backend() as unknown as { pool: { liveBytes: number; heldBytes: number } };
  let state: TrainState = step.init(key(1));
  for (let i = 0; i < steps; i++) {
    const real = uniform<tf.Rank.R4>(fold(key(2), i), [batch, model.imageSize, model.imageSize, 3], -1, 1);
    const started = performance.now();
    const { state: next, report } = await iterate(state, () => real, fold(key(3), i), i);
    for (const { value } of leaves(report)) result.losses.push((await value.data())[0]!);
    result.milliseconds.push(performance.now() - started);
    disposeTree(report);
    disposeExcept(state, next);
    real.dispose();
    state = next;
    result.tensors.push(tf.memory().numTensors);
    result.bytes.push([pool.liveBytes, pool.heldBytes]);
  }
  disposeTree(state);
  return { backend: tf.getBackend(), ...result };
}
