import { relative, resolve } from "node:path";
import type { Registry } from "@ganymede/core";
import { openDataset } from "@ganymede/data";
import type { BackendOption, ModelChoice } from "@ganymede/training";
import { overrideModel } from "@ganymede/training";
import type { Resumed, RunLock, Training } from "@ganymede/training/node";
import {
  appendMetrics,
  exists,
  expectNoRun,
  lockRun,
  openRun,
  openTraining,
  readRunConfig,
  runPaths,
  trainRun,
  withNeededPlugins,
} from "@ganymede/training/node";
import { openPreset } from "../config/preset-file.js";
import { loadPlugins } from "../config/registry.js";
import { installedVersions } from "../config/versions.js";
import type { CommandContext } from "../context.js";
import { jsonLogger } from "../output/json-logger.js";
import { trainingDisplay } from "../output/progress.js";
import { openingOf, openMeasure } from "../run/before-and-after.js";
import type { QuickStartResult } from "../run/quick-start-result.js";
import { readResult, writeResult } from "../run/quick-start-result.js";
import { stopOnSignals } from "../run/stop-signal.js";
import type { SharedOptions } from "./shared-options.js";

export interface StartOptions extends SharedOptions, BackendOption {
  readonly data: string | undefined;
  readonly out: string;
  readonly preset: string;
  readonly minutes: number;
  readonly steps: number | undefined;
  readonly seed: number;
  /** Images per side of a measurement. */
  readonly images: number;
  readonly inception: string | undefined;
  readonly fresh: boolean;
  /** False for `--no-cache`. */
  readonly cache: boolean;
}

/** Prints the result of a quick start: both distances, the pictures, and what to do next. */
function showResult(out: string, result: QuickStartResult, options: StartOptions, context: CommandContext): void {
  const { terminal, cwd } = context;
  if (options.json) {
    terminal.out(JSON.stringify({ event: "result", out, ...result }));
    return;
  }
  const folder = relative(cwd, out) || ".";
  const number = (value: number): string => value.toPrecision(4);
  terminal.out("");
  terminal.out(`Distance to the data (${result.metric}, ${result.images} images, ${result.better} is better):`);
  terminal.out(
    terminal.bold(`  before ${number(result.before)}   after ${number(result.after)}   (${result.steps} steps)`),
  );
  terminal.out(`Samples before and after: ${runPaths.sample(folder, 0)}, ${runPaths.sample(folder, result.steps)}`);
  terminal.out("");
  terminal.out("Next:");
  terminal.out(`  npx ganymede train --out ${folder} --resume --minutes 30`);
  terminal.out(`  npx ganymede sample ${folder} --count 100 --out samples.png`);
  terminal.out(`  npx ganymede eval ${folder} --metric ${result.metric} --count 2000`);
}

/** Uses grey images if the data is grey and the family supports it: two minutes are better spent on shapes. */
async function fitChannels(registry: Registry, choice: ModelChoice, place: string): Promise<ModelChoice> {
  const own = await openDataset(registry.list("datasets"), place);
  const [, , channels] = own.imageShape;
  await own.close?.();
  const canBeGrey = typeof choice.model === "object" && choice.model !== null && "channels" in choice.model;
  return channels === 1 && canBeGrey ? overrideModel(registry, choice, [{ path: ["channels"], value: 1 }]) : choice;
}

/** The model of a new or resumed run, with the plugins that it needs. */
async function choose(resumed: Resumed | null, options: StartOptions, out: string, context: CommandContext) {
  const { cwd } = context;
  const known = await loadPlugins(context.builtIn, { ...options, cwd }, resumed === null ? options.preset : undefined);
  if (resumed === null) return openPreset(known, options.preset, cwd);
  const registry = await withNeededPlugins(known.registry, resumed.config.plugins, runPaths.config(out), cwd);
  return { known: { ...known, registry }, choice: resumed.config };
}

/** Opens the run of the quick start: a new one, one that replaces another, or an interrupted one. */
async function openQuickStart(out: string, options: StartOptions, context: CommandContext, signal: AbortSignal) {
  const found = await exists(runPaths.config(out));
  const replaces = found && options.fresh;
  const resumed = found && !options.fresh ? await openRun(out, context.terminal.note) : null;
  // A file of this name that is not a run configuration belongs to someone else, and so does the folder.
  if (replaces) await readRunConfig(out);
  else if (resumed === null) await expectNoRun(out);
  const { known, choice } = await choose(resumed, options, out, context);
  const { registry, specifiers } = known;
  const { data, backend, threads, seed } = options;
  const training = await openTraining(
    {
      registry,
      out,
      resumed,
      replaces,
      choose: (place) => fitChannels(registry, choice, place),
      preset: choice.preset,
      data,
      backend,
      threads,
      limits: { minutes: options.minutes, steps: options.steps },
      seed,
      every: { log: 10, sample: 100, checkpoint: 200 },
      specifiers,
      versions: installedVersions(),
      signal,
    },
    context,
  );
  return { registry, training };
}

/** Trains and measures; null if interrupted. */
async function trainAndMeasure(
  out: string,
  options: StartOptions,
  context: CommandContext,
  signal: AbortSignal,
  opened: Awaited<ReturnType<typeof openQuickStart>>,
): Promise<QuickStartResult | null> {
  const { terminal, files, cwd } = context;
  const { registry, training } = opened;
  const { trainer, dataset, config } = training;
  const { inception, images } = options;
  const { metric, measure, dispose } = await openMeasure(
    { registry, training, inception, images, wanted: undefined, preferred: "fid-64", cache: options.cache, signal },
    context,
  );
  const { before, begin } = await openingOf({ out, training, metric, measure, images }, files);

  const { minutes, json } = options;
  terminal.note(
    `Training ${config.preset} for about ${minutes} minutes; grids appear in ${relative(cwd, out)}/samples`,
  );
  const limits = { steps: options.steps ?? Number.POSITIVE_INFINITY, seconds: minutes * 60 };
  const display = trainingDisplay(terminal, trainer.step, limits);
  const end = await trainRun(
    {
      ...training,
      begin,
      out,
      limits,
      keep: 2,
      loggers: json ? [jsonLogger(terminal)] : [],
      callbacks: [display],
      signal,
    },
    context,
  );
  if (end === "interrupted") {
    terminal.note(
      trainer.step === 0
        ? "Stopped before the first step; nothing was written."
        : `Stopped and saved at step ${trainer.step}; run it again to continue.`,
    );
    return null;
  }
  const after = await measure("after training");
  dispose();
  const steps = trainer.step;
  await appendMetrics(files, out, { step: steps, images: steps * trainer.images, [metric.id]: after });
  return {
    metric: metric.id,
    better: metric.better,
    before,
    after,
    images: Math.min(options.images, dataset.length),
    steps,
    data: dataset.id,
    backend: config.backend.id,
  };
}

/** The quick start: from nothing to images, and the distance to the data before and after training. */
export async function startCommand(options: StartOptions, context: CommandContext): Promise<number> {
  const { terminal, cwd } = context;
  const out = resolve(cwd, options.out);
  const finished = options.fresh ? null : await readResult(out);
  if (finished !== null) {
    terminal.note(`This quick start has already finished (${relative(cwd, out)}); use --fresh to start again.`);
    showResult(out, finished, options, context);
    return 0;
  }
  const stop = stopOnSignals(context.signals, terminal.note);
  let lock: RunLock | undefined;
  let training: Training | undefined;
  try {
    lock = await lockRun(out);
    const opened = await openQuickStart(out, options, context, stop.signal);
    training = opened.training;
    const result = await trainAndMeasure(out, options, context, stop.signal, opened);
    if (result === null) return 130;
    await writeResult(context.files, out, result);
    showResult(out, result, options, context);
    return 0;
  } finally {
    terminal.status("");
    await training?.close();
    lock?.release();
    stop.release();
  }
}
