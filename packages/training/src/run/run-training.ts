import type { Callback, Dataset, Logger } from "@ganymede/core";
import { fold, key } from "@ganymede/core";
import { batches } from "@ganymede/data";
import { pendingCheckpoint } from "./pending-checkpoint.js";
import type { RunConfig } from "./run-config.js";
import type { LoopEnd } from "./train-loop.js";
import { trainLoop } from "./train-loop.js";
import type { Trainer } from "./trainer.js";

/** What a run keeps; a run without a folder keeps nothing. */
export interface RunStorage {
  /** Makes the place the run's: at once where it goes on, else when the first step has run, so that a start that fails leaves nothing. */
  begin(): Promise<void>;
  /** A grid of samples; `loggers` show it too. */
  sample(step: number): Promise<void>;
  /** Holds on to the state of a step; the promise that it gives has the write, which goes on while training does. */
  checkpoint(step: number): Promise<{ readonly written: Promise<void> }>;
  /** Metrics of a step were measured; no checkpoint is under way. */
  measured?(step: number, values: Readonly<Record<string, number>>): Promise<void>;
  /** What to do after a loss that is not finite, as the end of a sentence. */
  remedy(): Promise<string>;
}

/** Measures the samples of the model as it is. */
export interface Measurement {
  /** Which way each metric is better, by its id. */
  readonly better?: Readonly<Record<string, "smaller" | "larger">>;
  /** Steps between two measurements. */
  readonly every: number;
  run(step: number): Promise<Readonly<Record<string, number>>>;
  /** Frees the networks of metrics; called by whoever made the measurement. */
  close?(): void;
}

export interface RunTrainingOptions {
  readonly trainer: Trainer;
  readonly dataset: Dataset;
  readonly config: Pick<RunConfig, "seed" | "every">;
  readonly storage: RunStorage;
  /** Steps in all, and seconds of this session; infinite for none. */
  readonly limits: { readonly steps: number; readonly seconds: number };
  readonly loggers: readonly Logger[];
  readonly callbacks: readonly Callback[];
  readonly measure?: Measurement;
  readonly signal: AbortSignal;
  /** Seconds from any fixed moment. */
  readonly clock: () => number;
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

/**
 * Trains until a limit or the signal. Loggers and callbacks are told in their order; loggers are closed at the end, however it came.
 *
 * @throws GanymedeError `non-finite` when a loss is not finite; nothing is saved then.
 */
export async function runTraining(options: RunTrainingOptions): Promise<LoopEnd> {
  const { trainer, config, storage, loggers, callbacks, measure } = options;
  const log = async (step: number, values: Readonly<Record<string, number>>): Promise<void> => {
    for (const logger of loggers) await logger.scalars(step, values);
  };
  const checkpoints = pendingCheckpoint(async (step) => {
    for (const callback of callbacks) await callback.onCheckpoint?.(step);
  });
  let begun = false;
  const begin = async (): Promise<void> => {
    if (!begun) await storage.begin();
    begun = true;
  };
  try {
    if (trainer.step > 0) await begin();
    const end = await trainLoop({
      trainer,
      // The step itself mirrors the images where the configuration says so, on the device.
      batch: batches(options.dataset, { key: fold(key(config.seed), "data"), batch: trainer.images, mirror: false }),
      limits: options.limits,
      every: { ...config.every, ...(measure !== undefined && { measure: measure.every }) },
      events: {
        async begin(progress) {
          await begin();
          for (const callback of callbacks) await callback.onStart?.(progress);
        },
        async step(taken) {
          await checkpoints.look();
          const { step, images, seconds, imagesPerSecond, report } = taken;
          if (report !== null) {
            await log(step, { images, seconds: round(seconds), imagesPerSecond: round(imagesPerSecond), ...report });
          }
          for (const callback of callbacks) await callback.onStep?.(taken);
        },
        sample: storage.sample,
        async checkpoint(step) {
          await checkpoints.settle();
          checkpoints.began(step, (await storage.checkpoint(step)).written);
        },
        ...(measure !== undefined && {
          async measure(step: number) {
            const values = await measure.run(step);
            await log(step, { images: step * trainer.images, ...values });
            await checkpoints.settle();
            await storage.measured?.(step, values);
            for (const callback of callbacks) await callback.onMetrics?.(step, values);
          },
        }),
      },
      signal: options.signal,
      clock: options.clock,
      async remedy() {
        await checkpoints.settle();
        return storage.remedy();
      },
    });
    await checkpoints.settle();
    return end;
  } catch (error) {
    // The error that ended the run says more than one of a write that was under way.
    await checkpoints.settle().catch(() => undefined);
    throw error;
  } finally {
    for (const callback of callbacks) await callback.onEnd?.(trainer.step);
    for (const logger of loggers) await logger.close?.();
  }
}
