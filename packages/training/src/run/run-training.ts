import type { Callback, Dataset, Logger } from "@ganymede/core";
import { fold, key } from "@ganymede/core";
import { batches } from "@ganymede/data";
import { pendingCheckpoint } from "./pending-checkpoint.js";
import type { RunConfig } from "./run-config.js";
import type { LoopEnd } from "./train-loop.js";
import { trainLoop } from "./train-loop.js";
import type { Trainer } from "./trainer.js";

/** Storage of a run; a run without a folder stores nothing. */
export interface RunStorage {
  /** Claims the folder: immediately when resuming, else after the first step, so that a failed start leaves nothing behind. */
  begin(): Promise<void>;
  /** Saves a grid of samples and passes it to `loggers`. */
  sample(step: number): Promise<void>;
  /** Takes a snapshot of a step's state; the inner promise is the write, which runs while training continues. */
  checkpoint(step: number): Promise<{ readonly written: Promise<void> }>;
  /** Called after metrics of a step were measured; no checkpoint is being written. */
  measured?(step: number, values: Readonly<Record<string, number>>): Promise<void>;
  /** What to do after a non-finite loss, as the end of a sentence. */
  remedy(): Promise<string>;
}

/** Measures samples of the current model. */
export interface Measurement {
  /** Which direction is better, by metric id. */
  readonly better?: Readonly<Record<string, "smaller" | "larger">>;
  /** Steps between two measurements. */
  readonly every: number;
  run(step: number): Promise<Readonly<Record<string, number>>>;
  /** Frees the networks of the metrics; called by the owner of the measurement. */
  close?(): void;
}

export interface RunTrainingOptions {
  readonly trainer: Trainer;
  readonly dataset: Dataset;
  readonly config: Pick<RunConfig, "seed" | "every">;
  readonly storage: RunStorage;
  /** Total steps, and seconds of this session; Infinity for no limit. */
  readonly limits: { readonly steps: number; readonly seconds: number };
  readonly loggers: readonly Logger[];
  readonly callbacks: readonly Callback[];
  readonly measure?: Measurement;
  readonly signal: AbortSignal;
  /** Seconds since an arbitrary fixed time. */
  readonly clock: () => number;
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

/**
 * Trains until a limit or the signal. Loggers and callbacks are called in order; loggers are closed at the end in every case.
 *
 * @throws GanymedeError `non-finite` for a non-finite loss; nothing is saved then.
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
      // The step itself flips the images on the device if the configuration asks for it.
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
    // The error that ended the run is more useful than that of a pending write.
    await checkpoints.settle().catch(() => undefined);
    throw error;
  } finally {
    for (const callback of callbacks) await callback.onEnd?.(trainer.step);
    for (const logger of loggers) await logger.close?.();
  }
}
