import { resolve } from "node:path";
import type { Registry } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { parseOverride } from "../config/overrides.js";
import { loadRegistry } from "../config/registry.js";
import type { ModelChoice } from "../config/run-config.js";
import { createModel, resolveModel } from "../config/run-config.js";
import { installedVersions } from "../config/versions.js";
import type { CommandContext } from "../context.js";
import { trainingDisplay } from "../output/progress.js";
import { findLocalData } from "../run/find-data.js";
import type { MeasureOptions } from "../run/measure-while-training.js";
import { measureWhileTraining } from "../run/measure-while-training.js";
import type { OpenTrainingOptions, Training } from "../run/open-training.js";
import { openTraining } from "../run/open-training.js";
import type { Resumed } from "../run/prepare-run.js";
import { expectNoRun, openRun } from "../run/prepare-run.js";
import type { RunLock } from "../run/run-lock.js";
import { expectUnlocked, lockRun } from "../run/run-lock.js";
import { stopOnSignals } from "../run/stop-signal.js";
import { trainRun } from "../run/train-run.js";
import { tryStep } from "../run/try-step.js";
import type { BackendOption, SharedOptions } from "./shared-options.js";

export interface TrainOptions extends SharedOptions, BackendOption, MeasureOptions {
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
  readonly logEvery: number;
  readonly sampleEvery: number;
  readonly checkpointEvery: number;
  readonly keep: number;
}

/** Model and training as the options say; on resume as the run says, where nothing else may be asked. */
function chooseModel(
  registry: Registry,
  presetId: string | undefined,
  options: TrainOptions,
  resumed: Resumed | null,
): ModelChoice {
  if (resumed !== null) {
    const { config } = resumed;
    const changed = [
      presetId !== undefined && presetId !== config.preset && `the preset ${presetId}`,
      options.set.length > 0 && "--set",
      options.batch !== undefined && options.batch !== config.training.batch && "--batch",
      options.seed !== undefined && options.seed !== config.seed && "--seed",
    ].find((change) => change !== false);
    if (changed === undefined) return config;
    throw new GanymedeError(
      "invalid-config",
      `--resume: a run goes on with its own configuration (${config.preset}, seed ${config.seed}), got ${changed}; leave it out or start a new run`,
    );
  }
  if (presetId === undefined) {
    throw new GanymedeError(
      "invalid-argument",
      "train: a preset must be given, got none; type ganymede plugins to see them, or --resume with --out",
    );
  }
  const overrides = options.set.map((text) => parseOverride(text));
  const batch = options.batch === undefined ? [] : [{ path: ["training", "batch"], value: options.batch }];
  return resolveModel(registry, presetId, [...overrides, ...batch]);
}

function limitsOf(options: TrainOptions, perStep: number): { steps: number; seconds: number } {
  const infinite = Number.POSITIVE_INFINITY;
  const fromImages = options.images === undefined ? infinite : Math.ceil(options.images / perStep);
  return { steps: Math.min(options.steps ?? infinite, fromImages), seconds: (options.minutes ?? infinite) * 60 };
}

/** What would be trained, as `--dry-run` prints it. */
function planOf(choice: ModelChoice, options: TrainOptions, resumed: Resumed | null, out: string) {
  const { family, preset, model, training } = choice;
  const data = { place: options.data ?? resumed?.config.data?.place ?? null };
  const seed = options.seed ?? resumed?.config.seed ?? 0;
  const run = { data, seed, backend: options.backend, every: everyOf(options), out };
  return { format: 1, family, preset, model, training, ...run, versions: installedVersions() };
}

function everyOf({ logEvery, sampleEvery, checkpointEvery }: TrainOptions) {
  return { log: logEvery, sample: sampleEvery, checkpoint: checkpointEvery };
}

/** Checks all that can be checked without training: data, backend, checkpoint, metrics and the shapes of a step. Nothing is downloaded. */
async function checkRun(asked: OpenTrainingOptions, options: TrainOptions, context: CommandContext): Promise<void> {
  const { registry, out, resumed, preset, signal } = asked;
  const { terminal, cwd, environment } = context;
  expectUnlocked(out);
  if (resumed === null) await expectNoRun(out);
  const data = options.data ?? resumed?.config.data?.place;
  const sources = registry.list("datasets");
  if ((await findLocalData({ data, cwd, environment, sources, preset })) === null) {
    terminal.note("Data: none is here, so it is not checked; training would take Fashion-MNIST, or what --data names.");
    createModel(registry, await asked.choose(""));
    return;
  }
  const training = await openTraining(asked, context);
  try {
    await measureWhileTraining(options, registry, training, context, signal);
    await tryStep(registry, training.config);
    terminal.note("Checked: nothing stands in the way of the first step.");
  } finally {
    await training.close();
  }
}

/** Trains a preset, or goes on with a run. */
export async function trainCommand(
  presetId: string | undefined,
  options: TrainOptions,
  context: CommandContext,
): Promise<number> {
  const { terminal, cwd } = context;
  const registry = await loadRegistry(await context.builtIn(), { ...options, cwd });
  const out = resolve(cwd, options.out ?? `runs/${presetId ?? "run"}`);
  const chosen = options.resume ? null : chooseModel(registry, presetId, options, null);
  const stop = stopOnSignals(context.signals, terminal.note);
  let lock: RunLock | undefined;
  let training: Training | undefined;
  try {
    if (!options.dryRun) lock = await lockRun(out);
    const resumed = options.resume ? await openRun(out) : null;
    const choice = chosen ?? chooseModel(registry, presetId, options, resumed);
    const asked: OpenTrainingOptions = {
      registry,
      out,
      resumed,
      choose: async () => choice,
      preset: choice.preset,
      data: options.data,
      backend: options.backend,
      threads: options.threads,
      seed: options.seed ?? 0,
      every: everyOf(options),
      signal: stop.signal,
    };
    if (options.dryRun) {
      terminal.out(JSON.stringify(planOf(choice, options, resumed, out), null, options.json ? 0 : 2));
      await checkRun(asked, options, context);
      return 0;
    }
    if (resumed === null) await expectNoRun(out);
    training = await openTraining(asked, context);
    const { trainer, begin } = training;
    const measure = await measureWhileTraining(options, registry, training, context, stop.signal);
    terminal.note(`Run: ${out}${trainer.step > 0 ? `, from step ${trainer.step}` : ""}`);
    const limits = limitsOf(options, trainer.images);
    const display = trainingDisplay(terminal, trainer.step, limits);
    const running = { ...training, begin, out, limits, keep: options.keep, display, json: options.json };
    const end = await trainRun({ ...running, signal: stop.signal, ...(measure !== null && { measure }) }, context);
    if (options.json) terminal.out(JSON.stringify({ event: end, step: trainer.step, out }));
    else if (end === "done") terminal.note(`Done at step ${trainer.step}: ${out}`);
    else if (trainer.step === 0) terminal.note("Stopped before the first step; nothing was written.");
    else terminal.note(`Stopped and saved at step ${trainer.step}: ${out}`);
    return end === "done" ? 0 : 130;
  } finally {
    await training?.close();
    lock?.release();
    stop.release();
  }
}
