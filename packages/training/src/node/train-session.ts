import { basename } from "node:path";
import type { Registry } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { suggestion } from "@ganymede/core/config";
import type { ModelChoice } from "../run/run-config.js";
import type { Measurement } from "../run/run-training.js";
import type { Run } from "../run/train.js";
import { runOf, stoppable } from "../run/train.js";
import { intervalsOf, limitsOf, makeCallbacks, makeLoggers } from "../run/train-options.js";
import { trainerOptions } from "../run/trainer-options.js";
import { logFiles } from "./log-files.js";
import { measureWhileTraining } from "./measure-while-training.js";
import { readMetrics } from "./metrics-log.js";
import type { TrainOptions } from "./node-train-options.js";
import { openTraining } from "./open-training.js";
import type { Resumed } from "./prepare-run.js";
import type { RunContext } from "./run-context.js";
import { trainRun } from "./train-run.js";
import { libraryVersions } from "./versions.js";

export interface SessionOptions {
  readonly options: TrainOptions;
  readonly registry: Registry;
  readonly out: string;
  readonly resumed: Resumed | null;
  readonly choice: ModelChoice;
  /** Seconds of the limit already used. */
  readonly spent: number;
}

/** @throws GanymedeError `unknown-name` for a metric that is not measured. */
function bestOf(metric: string | undefined, measure: Measurement | null) {
  if (metric === undefined) return undefined;
  const better = measure?.better?.[metric];
  if (better !== undefined) return { metric, better };
  const measured = Object.keys(measure?.better ?? {});
  throw new GanymedeError(
    "unknown-name",
    `\`keepBest\`: it must be a metric that is measured, got "${metric}"; ${measured.length === 0 ? "name it with `metrics` too" : suggestion(metric, measured)}`,
  );
}

/** Trains from a state to the end, into a folder that this process has locked. */
export async function trainSession(session: SessionOptions, context: RunContext): Promise<Run> {
  const { options, registry, out, resumed, choice, spent } = session;
  const { data, seed = 0, metrics, backend = "auto", threads, specifiers = new Map() } = options;
  const { signal, stop } = stoppable(options.signal);
  const training = await openTraining(
    {
      registry,
      out,
      resumed,
      choose: async () => choice,
      preset: choice.preset,
      data: typeof data === "string" ? data : undefined,
      dataset: typeof data === "string" ? undefined : data,
      backend,
      threads,
      limits: options,
      seed,
      every: intervalsOf(options.every),
      specifiers,
      versions: options.versions ?? libraryVersions(),
      signal,
    },
    context,
  );
  let measure: Measurement | null = null;
  try {
    const { trainer, config, dataset, begin } = training;
    measure = await measureWhileTraining(
      {
        metrics: metrics?.ids,
        every: metrics?.every ?? 1000,
        images: metrics?.images ?? 1000,
        inception: metrics?.inception,
        cache: metrics?.cache ?? true,
      },
      registry,
      training,
      context,
      signal,
    );
    const keepBest = bestOf(options.keepBest, measure);
    const firstStep = trainer.step;
    context.terminal.note(`Run: ${out}${firstStep > 0 ? `, from step ${firstStep}` : ""}`);
    const { steps, seconds } = limitsOf(options, trainer.images);
    const limits = { steps, seconds: seconds - spent };
    const end = await trainRun(
      {
        trainer,
        dataset,
        config,
        out,
        begin,
        limits,
        keep: options.keep ?? 3,
        keepBest,
        loggers: makeLoggers(registry, options.loggers ?? [], {
          files: logFiles(context.files, out),
          firstStep,
          name: basename(out),
          note: context.terminal.note,
        }),
        callbacks: makeCallbacks(registry, options.callbacks ?? [], { model: trainer.model, firstStep, limits, stop }),
        ...(measure !== null && { measure }),
        signal,
      },
      context,
    );
    const run = runOf(trainer, trainerOptions(registry, config), end, await readMetrics(out));
    await training.close({ keepState: true });
    return run;
  } catch (error) {
    await training.close();
    throw error;
  } finally {
    measure?.close?.();
  }
}
