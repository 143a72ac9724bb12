import type { Logger } from "@ganymede/core";
import type { RunConfig } from "../run/run-config.js";
import type { RunStorage, RunTrainingOptions } from "../run/run-training.js";
import { runTraining } from "../run/run-training.js";
import type { LoopEnd } from "../run/train-loop.js";
import { readBest, writeBest } from "./best-checkpoint.js";
import { checkpointWriter } from "./checkpoint-writer.js";
import { appendMetrics } from "./metrics-log.js";
import type { RunContext } from "./run-context.js";
import { checkpointSteps, lastGood, runPaths } from "./run-folder.js";
import { drawGrid } from "./save-grid.js";

export interface TrainRunOptions extends Omit<RunTrainingOptions, "storage" | "clock"> {
  readonly config: RunConfig;
  readonly out: string;
  /** Claims the folder; called once. */
  begin(): Promise<void>;
  /** Number of most recent checkpoints to keep. */
  readonly keep: number;
  /** The metric whose best checkpoint is kept too; it is written when it is measured. */
  readonly keepBest?: { readonly metric: string; readonly better: "smaller" | "larger" } | undefined;
}

/** Trains into a run folder that this process has locked. */
export async function trainRun(options: TrainRunOptions, context: RunContext): Promise<LoopEnd> {
  const { trainer, config, out, keep } = options;
  const { files } = context;
  const jsonLines: Logger = { scalars: (step, values) => appendMetrics(files, out, { step, ...values }) };
  const loggers = [jsonLines, ...options.loggers];
  const writer = checkpointWriter(files, out);
  let begun = false;
  const storage: RunStorage = {
    async begin() {
      await options.begin();
      begun = true;
    },
    async sample(step) {
      const grid = await drawGrid(trainer, config.seed);
      await files.writeAtomic(runPaths.sample(out, step), [grid.png]);
      for (const logger of loggers) await logger.image?.(step, "samples", { ...grid.sheet, png: grid.png });
    },
    async checkpoint(step) {
      const { entries, dispose } = trainer.snapshot();
      const saving = await writer.save({ step, entries, config, keep }).catch((error: unknown) => {
        dispose();
        throw error;
      });
      saving.written.then(dispose, dispose);
      const drawing = loggers.filter(({ histogram }) => histogram !== undefined);
      for (const { name, dtype, read } of trainer.entries()) {
        if (drawing.length === 0 || dtype !== "F32" || !/^(generator|discriminator)\./.test(name)) continue;
        const values = (await read()) as Float32Array;
        for (const logger of drawing) await logger.histogram?.(step, name, values);
      }
      return saving;
    },
    async measured(step, values) {
      const { metric, better } = options.keepBest ?? {};
      const value = metric === undefined ? undefined : values[metric];
      if (metric === undefined || value === undefined) return;
      const before = await readBest(out);
      const isBetter = better === "larger" ? (a: number, b: number) => a > b : (a: number, b: number) => a < b;
      if (before?.metric === metric && !isBetter(value, before.value)) return;
      if (!(await checkpointSteps(out)).includes(step)) await (await storage.checkpoint(step)).written;
      await writeBest(files, out, { step, metric, value });
    },
    // Before that, the checkpoints in the folder belong to the run that this one replaces.
    remedy: async () => lastGood(out, begun ? await checkpointSteps(out) : []),
  };
  try {
    return await runTraining({ ...options, loggers, storage, clock: context.clock });
  } finally {
    await writer.close();
  }
}
