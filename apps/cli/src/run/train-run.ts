import type { Dataset } from "@ganymede/core";
import { fold, key } from "@ganymede/core";
import { batches } from "@ganymede/data";
import type { RunConfig } from "../config/run-config.js";
import type { CommandContext } from "../context.js";
import type { TrainingDisplay } from "../output/progress.js";
import { appendMetrics } from "./metrics-log.js";
import { checkpointSteps, lastGood, runPaths, saveCheckpoint } from "./run-folder.js";
import { saveGrid } from "./save-grid.js";
import type { LoopEnd } from "./train-loop.js";
import { trainLoop } from "./train-loop.js";
import type { Trainer } from "./trainer.js";

export interface TrainRunOptions {
  readonly trainer: Trainer;
  readonly dataset: Dataset;
  readonly config: RunConfig;
  readonly out: string;
  /** Makes the folder this run's: at once where it goes on, else when the first step has run, so that a start that fails leaves nothing. */
  begin(): Promise<void>;
  readonly limits: { readonly steps: number; readonly seconds: number };
  /** Checkpoints that stay on disk. */
  readonly keep: number;
  readonly display: TrainingDisplay;
  /** Each line as JSON to standard output too. */
  readonly json: boolean;
  readonly measure?: { readonly every: number; run(step: number): Promise<Readonly<Record<string, number>>> };
  readonly signal: AbortSignal;
}

/** Trains into a run folder whose lock this process has. */
export async function trainRun(options: TrainRunOptions, context: CommandContext): Promise<LoopEnd> {
  const { trainer, config, out, display } = options;
  const { files, terminal } = context;
  const log = async (line: Readonly<Record<string, number | string>> & { readonly step: number }): Promise<void> => {
    await appendMetrics(files, out, line);
    if (options.json) terminal.out(JSON.stringify(line));
  };
  const { measure } = options;
  let begun = false;
  const begin = async (): Promise<void> => {
    if (!begun) await options.begin();
    begun = true;
  };
  try {
    if (trainer.step > 0) await begin();
    return await trainLoop({
      trainer,
      // The step itself mirrors the images where the configuration says so, on the device.
      batch: batches(options.dataset, {
        key: fold(key(config.seed), "data"),
        batch: trainer.images,
        mirror: false,
      }),
      limits: options.limits,
      every: { ...config.every, ...(measure !== undefined && { measure: measure.every }) },
      events: {
        begin,
        step: display.step,
        async report({ losses, step, images, seconds, imagesPerSecond }) {
          display.losses(step, losses);
          await log({ step, images, seconds: round(seconds), imagesPerSecond: round(imagesPerSecond), ...losses });
        },
        async sample(step) {
          await saveGrid(files, runPaths.sample(out, step), trainer, config.seed);
        },
        async checkpoint(step) {
          await saveCheckpoint(files, out, { step, entries: trainer.entries(), config, keep: options.keep });
        },
        ...(measure !== undefined && {
          async measure(step: number) {
            await log({ step, images: step * trainer.images, ...(await measure.run(step)) });
          },
        }),
      },
      signal: options.signal,
      clock: context.clock,
      // Before that, checkpoints in the folder are those of a run that this one replaces.
      remedy: async () => lastGood(out, begun ? await checkpointSteps(out) : []),
    });
  } finally {
    display.end();
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
