import type { Dataset } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import type { PendingEntry } from "@ganymede/core/checkpoint";
import { trainingPlugin } from "../plugin.js";
import { loadSampler } from "../sample/load-sampler.js";
import type { TrainedGenerator } from "../sample/trained-generator.js";
import { trainedGenerator } from "../sample/trained-generator.js";
import type { MetricsLine } from "./metrics-line.js";
import type { Measurement } from "./run-training.js";
import { runTraining } from "./run-training.js";
import type { LoopEnd } from "./train-loop.js";
import type { TrainingChoices } from "./train-options.js";
import {
  backendOf,
  chooseModel,
  intervalsOf,
  lengthOf,
  limitsOf,
  makeCallbacks,
  makeLoggers,
  registryOf,
} from "./train-options.js";
import type { Trainer, TrainerOptions } from "./trainer.js";
import { createTrainer } from "./trainer.js";
import { trainerOptions } from "./trainer-options.js";

/** A finished run, still in memory. */
export interface Run {
  /** Total steps taken. */
  readonly step: number;
  /** Real images per step. */
  readonly imagesPerStep: number;
  readonly end: LoopEnd;
  /** Lines of its log, from the first step. */
  readonly history: readonly MetricsLine[];
  /** The generator's EMA, which the caller disposes. */
  generator(): Promise<TrainedGenerator>;
  /** The whole state by path, as in a checkpoint. */
  state(): readonly PendingEntry[];
  /** Frees the state. */
  dispose(): void;
}

/** Options of `train` without files. */
export interface TrainOptions extends TrainingChoices {
  readonly data: Dataset;
  /** Measures the model during training. */
  readonly measure?: (trainer: Trainer) => Measurement;
}

/** A signal that aborts when another one does or when a callback stops the run. */
export function stoppable(outer: AbortSignal | undefined): { readonly signal: AbortSignal; stop(): void } {
  const inner = new AbortController();
  if (outer?.aborted) inner.abort();
  outer?.addEventListener("abort", () => inner.abort(), { once: true });
  return { signal: inner.signal, stop: () => inner.abort() };
}

/** Creates the `Run` when the loop has ended. */
export function runOf(
  trainer: Trainer,
  options: Omit<TrainerOptions, "resume">,
  end: LoopEnd,
  history: readonly MetricsLine[],
): Run {
  return {
    end,
    history,
    imagesPerStep: trainer.images,
    get step() {
      return trainer.step;
    },
    async generator() {
      const tensors = new Map(trainer.entries().map((entry) => [entry.name, entry]));
      return trainedGenerator(await loadSampler(options, tensors, "the run"));
    },
    state: trainer.entries,
    dispose: trainer.dispose,
  };
}

/**
 * Trains without files, in Node or in a browser. To keep a run folder with checkpoints, use `train` of
 * `@ganymede/training/node`.
 *
 * @throws GanymedeError `invalid-argument` without a limit; `invalid-data` for images of the wrong size; and the errors of a step.
 */
export async function train(options: TrainOptions): Promise<Run> {
  const { data, seed = 0, signal, steps, images, minutes } = options;
  if (steps === undefined && images === undefined && minutes === undefined && signal === undefined) {
    throw new GanymedeError(
      "invalid-argument",
      "train: a limit is required, got none; set steps, images, minutes or a signal",
    );
  }
  const registry = registryOf([trainingPlugin()], options.plugins ?? []);
  const choice = chooseModel(registry, options.preset, options.set);
  await backendOf(registry, options, lengthOf(choice, options));
  const parts = trainerOptions(registry, { ...choice, seed });
  const { imageShape } = parts.model;
  if (imageShape.join() !== data.imageShape.join()) {
    throw new GanymedeError(
      "invalid-data",
      `train: images must be ${imageShape.join(" x ")} like the model's, got ${data.imageShape.join(" x ")} of ${data.id}; open the data in that size`,
    );
  }
  const trainer = await createTrainer(parts);
  const history: MetricsLine[] = [];
  const { signal: ending, stop } = stoppable(signal);
  const limits = limitsOf(options, trainer.images);
  try {
    const end = await runTraining({
      trainer,
      dataset: data,
      config: { seed, every: intervalsOf(options.every) },
      storage: {
        begin: async () => undefined,
        sample: async () => undefined,
        checkpoint: async () => ({ written: Promise.resolve() }),
        remedy: async () => "lower the learning rates",
      },
      limits,
      loggers: [
        { scalars: (step, values) => void history.push({ step, ...values }) },
        ...makeLoggers(registry, options.loggers ?? [], {
          files: null,
          firstStep: 0,
          name: "run",
          note: () => undefined,
        }),
      ],
      callbacks: makeCallbacks(registry, options.callbacks ?? [], { model: parts.model, firstStep: 0, limits, stop }),
      ...(options.measure !== undefined && { measure: options.measure(trainer) }),
      signal: ending,
      clock: () => performance.now() / 1000,
    });
    return runOf(trainer, parts, end, history);
  } catch (error) {
    trainer.dispose();
    throw error;
  }
}
