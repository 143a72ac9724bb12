import { resolve } from "node:path";
import { GanymedeError, resolveRef } from "@ganymede/core";
import type { BackendOption, ModelChoice, RunConfig } from "@ganymede/training";
import { chooseModel, createModel, intervalsOf, parseOverride, tryStep } from "@ganymede/training";
import type { OpenTrainingOptions, Resumed } from "@ganymede/training/node";
import {
  checkpointSteps,
  expectNoRun,
  expectUnlocked,
  findLocalData,
  measureWhileTraining,
  openRun,
  openTraining,
  runPaths,
  train,
  withNeededPlugins,
} from "@ganymede/training/node";
import type { OpenedPreset } from "../config/preset-file.js";
import { isOwnPreset, openPreset, presetName } from "../config/preset-file.js";
import type { Knowledge } from "../config/registry.js";
import { loadPlugins } from "../config/registry.js";
import { installedVersions } from "../config/versions.js";
import type { CommandContext } from "../context.js";
import { jsonLogger } from "../output/json-logger.js";
import { displayCallback } from "../output/progress.js";
import { stopOnSignals } from "../run/stop-signal.js";
import { parseMetrics, parseRef } from "./parse-ref.js";
import type { SharedOptions } from "./shared-options.js";

export interface TrainOptions extends SharedOptions, BackendOption {
  /** See `parseMetrics`. Default: nothing is measured. */
  readonly metric: string | undefined;
  readonly metricEvery: number;
  readonly metricImages: number;
  readonly inception: string | undefined;
  /** False recomputes the statistics of the real images and does not cache them. */
  readonly cache: boolean;
  readonly data: string | undefined;
  readonly out: string | undefined;
  readonly steps: number | undefined;
  readonly images: number | undefined;
  readonly minutes: number | undefined;
  readonly batch: number | undefined;
  readonly seed: number | undefined;
  readonly set: readonly string[];
  readonly resume: boolean;
  readonly dryRun: boolean;
  readonly logEvery: number | undefined;
  readonly sampleEvery: number | undefined;
  readonly checkpointEvery: number | undefined;
  readonly keep: number;
  readonly keepBest: string | undefined;
  readonly onNan: "stop" | "rollback";
  /** Loggers in addition to `metrics.jsonl`, each an id or a JSON record with settings. */
  readonly log: readonly string[];
  readonly callback: readonly string[];
}

/** `--set` and `--batch` by path. */
function settingsOf({ set, batch }: TrainOptions): Readonly<Record<string, unknown>> {
  const settings = set.map((text) => parseOverride(text)).map(({ path, value }) => [path.join("."), value] as const);
  return { ...Object.fromEntries(settings), ...(batch !== undefined && { "training.batch": batch }) };
}

/** @throws GanymedeError `invalid-argument` without a preset or a run to resume. */
async function chooseNew(
  before: Knowledge,
  presetId: string | undefined,
  options: TrainOptions,
  cwd: string,
): Promise<OpenedPreset> {
  if (presetId !== undefined) {
    const { known, choice } = await openPreset(before, presetId, cwd);
    return { known, choice: chooseModel(known.registry, choice, settingsOf(options)) };
  }
  throw new GanymedeError(
    "invalid-argument",
    "train: a preset is required, got none; run ganymede plugins for a list, or use --resume with --out",
  );
}

/** @throws GanymedeError `invalid-argument` for a project preset with `--resume`, which uses the run's own configuration instead. */
function expectOneConfig(known: Knowledge, presetId: string | undefined, { resume }: TrainOptions): void {
  if (!resume || presetId === undefined || !isOwnPreset(known, presetId)) return;
  throw new GanymedeError(
    "invalid-argument",
    `--resume: a resumed run keeps the configuration in its folder, got ${presetId}; remove it and change settings with --set`,
  );
}

/** The run folder: `--out`, else `runs/` and the preset's name. */
function outOf(presetId: string | undefined, { out }: TrainOptions, cwd: string): string {
  const name = presetId === undefined ? "run" : presetName(presetId);
  if (out !== undefined) return resolve(cwd, out);
  if (/^\w[\w.-]*$/.test(name)) return resolve(cwd, "runs", name);
  throw new GanymedeError("invalid-argument", `--out: "${presetId}" is not a valid folder name; set --out`);
}

/** What would be trained, as printed by `--dry-run`. */
function planOf(choice: ModelChoice, options: TrainOptions, resumed: Resumed | null, out: string) {
  const { family, preset, model, training } = choice;
  const data = { place: options.data ?? resumed?.config.data?.place ?? null };
  const seed = options.seed ?? resumed?.config.seed ?? 0;
  const run = { data, seed, backend: options.backend, every: intervalsOf(everyOf(options)), out };
  return { format: 1, family, preset, model, training, ...run, versions: installedVersions() };
}

/** The intervals among the options. */
function everyOf({ logEvery, sampleEvery, checkpointEvery }: TrainOptions): Partial<RunConfig["every"]> {
  return {
    ...(logEvery !== undefined && { log: logEvery }),
    ...(sampleEvery !== undefined && { sample: sampleEvery }),
    ...(checkpointEvery !== undefined && { checkpoint: checkpointEvery }),
  };
}

function metricsOf(metric: string, { metricEvery, metricImages, inception, cache }: TrainOptions) {
  const asked = { ids: parseMetrics(metric), every: metricEvery, images: metricImages, cache };
  return inception === undefined ? asked : { ...asked, inception };
}

/**
 * Checks everything that can be checked without training: data, backend, checkpoint, loggers, callbacks, metrics and the shapes of a step.
 * Downloads nothing.
 */
async function checkRun(asked: OpenTrainingOptions, options: TrainOptions, context: CommandContext): Promise<void> {
  const { registry, out, resumed, preset, signal } = asked;
  const { terminal, cwd, environment } = context;
  expectUnlocked(out);
  if (resumed === null) await expectNoRun(out);
  for (const text of options.log) resolveRef(registry.list("loggers"), parseRef(text, "--log"), "logger", "--log");
  for (const text of options.callback) {
    resolveRef(registry.list("callbacks"), parseRef(text, "--callback"), "callback", "--callback");
  }
  const data = options.data ?? resumed?.config.data?.place;
  const sources = registry.list("datasets");
  if ((await findLocalData({ data, cwd, environment, sources, preset })) === null) {
    terminal.note("Data: none found, so it is not checked; training would use Fashion-MNIST, or the data of --data.");
    createModel(registry, await asked.choose(""));
    return;
  }
  const training = await openTraining(asked, context);
  try {
    const { metricEvery: every, metricImages: images, inception, cache } = options;
    const metrics = options.metric === undefined ? undefined : parseMetrics(options.metric);
    const asking = { metrics, every, images, inception, cache };
    (await measureWhileTraining(asking, registry, training, context, signal))?.close?.();
    await tryStep(registry, training.config);
    terminal.note("Checked: the first step can run.");
  } finally {
    await training.close();
  }
}

/** A run to resume, with the plugins that it needs. */
async function goOn(before: Knowledge, { config }: Resumed, out: string, { cwd }: CommandContext) {
  const registry = await withNeededPlugins(before.registry, config.plugins, runPaths.config(out), cwd);
  return { known: { ...before, registry }, choice: config };
}

/** Prints what would be trained, and checks it. */
async function dryRun(
  presetId: string | undefined,
  options: TrainOptions,
  before: Knowledge,
  out: string,
  context: CommandContext,
  signal: AbortSignal,
): Promise<number> {
  const resumed = options.resume ? await openRun(out, context.terminal.note) : null;
  const { known, choice } =
    resumed === null
      ? await chooseNew(before, presetId, options, context.cwd)
      : await goOn(before, resumed, out, context);
  const { registry, specifiers } = known;
  const asked: OpenTrainingOptions = {
    registry,
    out,
    resumed,
    choose: async () => choice,
    preset: choice.preset,
    data: options.data,
    backend: options.backend,
    threads: options.threads,
    limits: options,
    seed: options.seed ?? 0,
    every: intervalsOf(everyOf(options)),
    specifiers,
    versions: installedVersions(),
    signal,
  };
  context.terminal.out(JSON.stringify(planOf(choice, options, resumed, out), null, options.json ? 0 : 2));
  await checkRun(asked, options, context);
  return 0;
}

/** Adds how to resume to the error of a full disk, if the run has a checkpoint. */
async function sayResume(error: unknown, out: string): Promise<unknown> {
  if (!GanymedeError.is(error) || error.code !== "file-system") return error;
  const { code = "" } = (error.cause ?? {}) as NodeJS.ErrnoException;
  const step = (await checkpointSteps(out)).at(-1);
  if (!["ENOSPC", "EDQUOT"].includes(code) || step === undefined) return error;
  return new GanymedeError(error.code, `${error.message} with --resume, which continues from step ${step}`, {
    cause: error,
  });
}

/** Trains a preset, or resumes a run. */
export async function trainCommand(
  presetId: string | undefined,
  options: TrainOptions,
  context: CommandContext,
): Promise<number> {
  const { terminal, cwd } = context;
  const loaded = await loadPlugins(context.builtIn, { ...options, cwd }, options.resume ? undefined : presetId);
  expectOneConfig(loaded, presetId, options);
  const out = outOf(presetId, options, cwd);
  const stop = stopOnSignals(context.signals, terminal.note);
  try {
    if (options.dryRun) return await dryRun(presetId, options, loaded, out, context, stop.signal);
    const { data, seed, resume, keep, keepBest, onNan, metric, backend, threads, steps, images, minutes } = options;
    const given = Object.entries({ data, seed, steps, images, minutes, threads, keepBest }).filter(
      ([, value]) => value !== undefined,
    );
    const opened = resume ? null : await chooseNew(loaded, presetId, options, cwd);
    const run = await train({
      ...(opened?.known ?? loaded),
      ...Object.fromEntries(given),
      ...(opened === null
        ? { ...(presetId !== undefined && { preset: presetId }), set: settingsOf(options) }
        : { preset: opened.choice }),
      out,
      backend,
      resume,
      keep,
      onNan,
      every: everyOf(options),
      ...(metric !== undefined && { metrics: metricsOf(metric, options) }),
      loggers: [...(options.json ? [jsonLogger(terminal)] : []), ...options.log.map((text) => parseRef(text, "--log"))],
      callbacks: [displayCallback(terminal), ...options.callback.map((text) => parseRef(text, "--callback"))],
      versions: installedVersions(),
      signal: stop.signal,
      context,
    });
    run.dispose();
    const { step } = run;
    // A callback that stops a run ends it regularly; only a signal interrupts it.
    const end = run.end === "interrupted" && !stop.signal.aborted ? "stopped" : run.end;
    if (options.json) terminal.out(JSON.stringify({ event: end, step, out }));
    else if (end === "stopped") terminal.note(`Stopped by a callback and saved at step ${step}: ${out}`);
    else if (end === "done") terminal.note(`Done at step ${step}: ${out}`);
    else if (step === 0) terminal.note("Stopped before the first step; nothing was written.");
    else terminal.note(`Stopped and saved at step ${step}: ${out}`);
    return end === "interrupted" ? 130 : 0;
  } catch (error) {
    throw await sayResume(error, out);
  } finally {
    stop.release();
  }
}
