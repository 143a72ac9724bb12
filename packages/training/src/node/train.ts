import { resolve } from "node:path";
import type { Dataset, Registry } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { data as dataPlugin } from "@ganymede/data/node";
import { metrics as metricsPlugin } from "@ganymede/metrics";
import { trainingPlugin } from "../plugin.js";
import { resumedConfig } from "../run/resume-changes.js";
import type { ModelChoice, RunConfig } from "../run/run-config.js";
import type { Run } from "../run/train.js";
import { runOf, stoppable } from "../run/train.js";
import type { PresetChoice, TrainingChoices } from "../run/train-options.js";
import { chooseModel, intervalsOf, limitsOf, made, overridesOf, registryOf } from "../run/train-options.js";
import { trainerOptions } from "../run/trainer-options.js";
import { logFiles } from "./log-files.js";
import { measureWhileTraining } from "./measure-while-training.js";
import { readMetrics } from "./metrics-log.js";
import { withNeededPlugins } from "./needed-plugins.js";
import type { Training } from "./open-training.js";
import { openTraining } from "./open-training.js";
import type { Resumed } from "./prepare-run.js";
import { expectNoRun, openRun } from "./prepare-run.js";
import { quietContext } from "./quiet-context.js";
import type { RunContext } from "./run-context.js";
import { runPaths } from "./run-folder.js";
import { lockRun } from "./run-lock.js";
import { trainRun } from "./train-run.js";
import { libraryVersions } from "./versions.js";

export interface TrainOptions extends Omit<TrainingChoices, "preset"> {
  /** What is trained; on resume the run says it. */
  readonly preset?: PresetChoice;
  /** Real images: a folder, a spec such as `scenes:64`, or open images. Default: those that are found on this machine. */
  readonly data?: string | Dataset;
  /** The run folder. */
  readonly out: string;
  /**
   * Goes on with the run in `out`, bit for bit. `set` may change the optimizers' settings, clipping, the moving average and the
   * batch, and `every` the intervals; changes are recorded in the run's configuration. Default: false.
   */
  readonly resume?: boolean;
  /** Checkpoints that stay on disk. Default: 3. */
  readonly keep?: number;
  /** Measures samples while training. */
  readonly metrics?: {
    /** Ids, such as `fid-2048` or `swd`. */
    readonly ids: readonly string[];
    /** Steps between two measurements. Default: 1000. */
    readonly every?: number;
    /** Images of each side. Default: 1000. */
    readonly images?: number;
    /** Weights of the FID Inception network: a file or folder. Default: where they are found. */
    readonly inception?: string;
  };
  /** Words for people, the disk, the clock. Default: silence, and those of this process. */
  readonly context?: Partial<RunContext>;
  /** In place of `plugins`: everything that the run may name. */
  readonly registry?: Registry;
  /** What loads plugins that are no packages of their own names. */
  readonly specifiers?: ReadonlyMap<string, string>;
  /** Versions to record, by package. Default: those of this package and what it stands on. */
  readonly versions?: RunConfig["versions"];
}

/** Everything that the library knows by itself, and what is given. */
export function libraryRegistry({ plugins = [], registry }: Pick<TrainOptions, "plugins" | "registry">): Registry {
  return registry ?? registryOf([trainingPlugin(), dataPlugin(), metricsPlugin()], plugins);
}

/** The run in a folder, with what is asked to be otherwise, and the registry that it needs. */
async function openResumed(out: string, known: Registry, options: TrainOptions, context: RunContext) {
  const found = await openRun(out);
  const registry = await withNeededPlugins(known, found.config.plugins, runPaths.config(out), context.cwd);
  const { preset, set, seed, every } = options;
  const id = typeof preset === "object" ? ("id" in preset ? preset.id : preset.preset) : preset;
  const asked = { set: overridesOf(set), every, seed, preset: id };
  const { config, notes } = resumedConfig(registry, found.config, found.checkpoint?.step ?? 0, asked);
  notes.forEach(context.terminal.note);
  const changed = JSON.stringify(config) !== JSON.stringify(found.config);
  return { registry, resumed: { ...found, config, changed } satisfies Resumed };
}

function choiceOf(registry: Registry, { preset, set }: TrainOptions): ModelChoice {
  if (preset !== undefined) return chooseModel(registry, preset, set);
  throw new GanymedeError("invalid-argument", "train: a preset must be given, got none; name one, or resume a run");
}

/**
 * Trains into a run folder: `config.json`, `metrics.jsonl`, grids in `samples`, and checkpoints that a run which was stopped or killed goes on
 * from. One process at a time has a folder.
 *
 * @throws GanymedeError `invalid-argument` for a folder that already holds a run, `invalid-config`, `invalid-data`, `non-finite` when a loss is not
 *   finite, `file-system` when the folder cannot be written.
 */
export async function train(options: TrainOptions): Promise<Run> {
  const context = quietContext(options.context);
  const out = resolve(context.cwd, options.out);
  const known = libraryRegistry(options);
  const chosen = options.resume ? null : choiceOf(known, options);
  const lock = await lockRun(out);
  let training: Training | undefined;
  try {
    if (chosen !== null) await expectNoRun(out);
    const { registry, resumed } =
      chosen === null ? await openResumed(out, known, options, context) : { registry: known, resumed: null };
    const choice = resumed?.config ?? (chosen as ModelChoice);
    const { data, seed = 0, metrics, backend = "auto", threads, specifiers = new Map() } = options;
    const { signal, stop } = stoppable(options.signal);
    training = await openTraining(
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
        seed,
        every: intervalsOf(options.every),
        specifiers,
        versions: options.versions ?? libraryVersions(),
        signal,
      },
      context,
    );
    const { trainer, config, dataset, begin } = training;
    const measure = await measureWhileTraining(
      {
        metric: metrics?.ids.join(),
        metricEvery: metrics?.every ?? 1000,
        metricImages: metrics?.images ?? 1000,
        inception: metrics?.inception,
      },
      registry,
      training,
      context,
      signal,
    );
    context.terminal.note(`Run: ${out}${trainer.step > 0 ? `, from step ${trainer.step}` : ""}`);
    const limits = limitsOf(options, trainer.images);
    const firstStep = trainer.step;
    const end = await trainRun(
      {
        trainer,
        dataset,
        config,
        out,
        begin,
        limits,
        keep: options.keep ?? 3,
        loggers: made(options.loggers ?? [], { files: logFiles(context.files, out), firstStep }),
        callbacks: made(options.callbacks ?? [], { model: trainer.model, firstStep, limits, stop }),
        ...(measure !== null && { measure }),
        signal,
      },
      context,
    );
    const { close } = training;
    const run = runOf(trainer, trainerOptions(registry, config), end, await readMetrics(out));
    await close({ keepState: true });
    return run;
  } catch (error) {
    await training?.close();
    throw error;
  } finally {
    lock.release();
  }
}
