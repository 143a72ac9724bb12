import type {
  AdversarialModel,
  CheckpointEntry,
  CheckpointTensor,
  Key,
  ParamTree,
  Report,
  StepChoices,
  TrainingConfig,
  TrainState,
} from "@ganymede/core";
import { compile, createTrainStep, disposeTree, fold, leaves, loadTree, treeToEntries } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

/** A model in training: the only owner of its state. */
export interface Trainer {
  readonly model: AdversarialModel;
  /** Steps taken. */
  readonly step: number;
  /** One step on real images `[B, H, W, C]` in [-1, 1]; the losses are read back only when they are asked for. */
  advance(
    images: Float32Array,
    shape: readonly [number, number, number, number],
    wantReport: boolean,
  ): Promise<Readonly<Record<string, number>> | null>;
  /** Images `[count, H, W, C]` in [-1, 1] of the averaged generator from latents `[count, latentSize]`. */
  sample(z: Float32Array, count: number): Promise<Float32Array>;
  /** The whole state, named by paths. */
  entries(): Promise<CheckpointEntry[]>;
  dispose(): void;
}

export interface TrainerOptions {
  readonly model: AdversarialModel;
  readonly training: TrainingConfig;
  readonly choices: StepChoices;
  /** The whole run is a function of it and of the data. */
  readonly key: Key;
  /** A state to go on from, and the file that it came from. */
  readonly resume?: { readonly tensors: ReadonlyMap<string, CheckpointTensor>; readonly file: string };
}

async function readReport(report: Report): Promise<Record<string, number>> {
  const entries = Object.entries(report).map(
    async ([name, value]) => [name, (await value.data())[0] as number] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** Frees the leaves of `old` that the new state does not carry on. */
function disposeReplaced(old: ParamTree, next: ParamTree): void {
  const kept = new Set(leaves(next).map(({ value }) => value));
  for (const { value } of leaves(old)) if (!kept.has(value)) value.dispose();
}

/**
 * A trainer on the current backend, from fresh parameters or from a checkpoint.
 *
 * @throws GanymedeError `invalid-checkpoint` when the checkpoint is of another model.
 */
export async function createTrainer(options: TrainerOptions): Promise<Trainer> {
  const { model, key } = options;
  const train = createTrainStep<ParamTree, ParamTree>(model, options.training, options.choices);
  let state = train.init(fold(key, "init"));
  if (options.resume !== undefined) {
    const fresh = state;
    try {
      state = loadTree<TrainState>(fresh, options.resume.tensors, options.resume.file);
    } finally {
      disposeTree(fresh);
    }
  }
  let step = Math.round((await state.step.data())[0] as number);
  const runKey = fold(key, "steps");
  const discriminatorPhase = compile(train.discriminatorPhase);
  const generatorPhase = compile(train.generatorPhase);
  const sample = compile(train.sample);

  return {
    model,
    get step() {
      return step;
    },
    async advance(images, shape, wantReport) {
      const stepKey = fold(runKey, step);
      const real = tf.tensor4d(images, [...shape]);
      const d = await discriminatorPhase(state, real, stepKey, train.phase(step));
      real.dispose();
      // Nothing is freed before both halves are done: a step that fails leaves the state as it was.
      const between = { ...state, ...d.state };
      const g = await generatorPhase(between, stepKey);
      const next = { ...between, ...g.state };
      disposeReplaced(state, next);
      disposeReplaced(d.state, next);
      state = next;
      step++;
      const report = { ...d.report, ...g.report };
      try {
        return wantReport ? await readReport(report) : null;
      } finally {
        disposeTree(report);
      }
    },
    async sample(z, count) {
      const latents = tf.tensor2d(z, [count, model.latentSize]);
      const { average, generatorVectors } = state;
      const images = await sample({ average, generatorVectors }, latents);
      const values = (await images.data()) as Float32Array;
      tf.dispose([latents, images]);
      return values;
    },
    entries: () => treeToEntries(state),
    dispose: () => disposeTree(state),
  };
}
