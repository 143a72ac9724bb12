import type { Key, TrainingConfig } from "@ganymede/core";
import { disposeExcept, disposeTree, fold, integers, key, leaves, uniform } from "@ganymede/core";
import { loadTree, treeToEntries } from "@ganymede/core/checkpoint";
import type { TrainState } from "@ganymede/training";
import { createIteration, createTrainStep } from "@ganymede/training";
import * as tf from "@tensorflow/tfjs-core";
import { findPreset, registry } from "./presets.js";

export interface EnduranceOptions {
  readonly preset: string;
  readonly batch: number;
  readonly steps: number;
  /** What differs from the preset. */
  readonly training?: Partial<TrainingConfig>;
}

/** What a run of one preset showed. */
export interface Endurance extends EnduranceOptions {
  /** The first loss that was not a finite number, or null. */
  readonly broken: string | null;
  /** Tensors alive after every step from the third on; one number where memory is flat. */
  readonly tensors: readonly number[];
  /** Resident megabytes after half of the steps, the copy for the second run included, and at the end. */
  readonly resident: readonly [number, number];
  /** Whether a run that was saved half way and loaded again ends in the same bits. */
  readonly resumes: boolean;
  readonly seconds: number;
}

/** Trains a preset on random images on the current backend, as its configuration says but for the batch. */
export async function endure(options: EnduranceOptions): Promise<Endurance> {
  const started = performance.now();
  const { family, preset } = findPreset(options.preset);
  const batch = { batch: options.batch, generatorBatch: null, accumulation: 1 };
  const training: TrainingConfig = { ...preset.training, ...options.training, ...batch };
  const model = family.create(preset.model);
  const train = createTrainStep(model, training, registry);
  const iterate = createIteration(train);
  const runKey: Key = key(1);
  const result = { broken: null as string | null, tensors: new Set<number>(), resident: [] as number[] };
  const half = Math.floor(options.steps / 2);
  const megabytes = () => process.memoryUsage.rss() / 2 ** 20;

  /** The images of a step's update: made from the step alone, so that every run sees the same. */
  const real = (step: number, made: tf.Tensor[]) => (part: number) => {
    const at = fold(fold(runKey, `real/${step}`), part);
    const images = uniform<tf.Rank.R4>(at, [options.batch, ...model.imageShape], -1, 1);
    made.push(images);
    if (model.classes === undefined) return images;
    const labels = integers<tf.Rank.R1>(fold(at, "labels"), [options.batch], 0, model.classes);
    made.push(labels);
    return { images, labels };
  };

  const advance = async (state: TrainState, step: number, watch: boolean): Promise<TrainState> => {
    const made: tf.Tensor[] = [];
    const { state: next, report } = await iterate(state, real(step, made), fold(runKey, step), step);
    tf.dispose(made);
    for (const { path, value } of leaves(report)) {
      const loss = (await value.data())[0] as number;
      if (!Number.isFinite(loss)) result.broken ??= `${path} = ${loss} at step ${step}`;
    }
    disposeTree(report);
    disposeExcept(state, next);
    if (watch && step >= 2) result.tensors.add(tf.memory().numTensors);
    if (watch && (step === half || step === options.steps - 1)) result.resident.push(megabytes());
    return next;
  };

  let state: TrainState = train.init(fold(runKey, "init"));
  let saved: Awaited<ReturnType<typeof treeToEntries>> = [];
  for (let step = 0; step < options.steps; step++) {
    if (step === half) saved = await treeToEntries(state);
    state = await advance(state, step, true);
  }
  const straight = await treeToEntries(state);
  disposeTree(state);

  const fresh = train.init(fold(runKey, "init"));
  let resumed = await loadTree<TrainState>(fresh, new Map(saved.map((entry) => [entry.name, entry])), options.preset);
  disposeTree(fresh);
  for (let step = half; step < options.steps; step++) resumed = await advance(resumed, step, false);
  const again = await treeToEntries(resumed);
  disposeTree(resumed);
  const same = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    Array.from(a).every((value, i) => Object.is(value, b[i]));
  return {
    ...options,
    broken: result.broken,
    tensors: [...result.tensors],
    resident: [result.resident[0] as number, result.resident.at(-1) as number],
    resumes: straight.every(({ data }, i) => same(data, (again[i] as (typeof again)[number]).data)),
    seconds: (performance.now() - started) / 1000,
  };
}
