import { isAbsolute, resolve } from "node:path";
import type { Dataset, Registry } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { parseOverride } from "../config/overrides.js";
import { loadRegistry } from "../config/registry.js";
import type { ModelChoice, RunConfig } from "../config/run-config.js";
import { resolveModel } from "../config/run-config.js";
import { installedVersions } from "../config/versions.js";
import type { CommandContext } from "../context.js";
import { trainingDisplay } from "../output/progress.js";
import { formatBytes } from "../output/units.js";
import { exists } from "../run/files.js";
import type { FoundData } from "../run/find-data.js";
import { findData } from "../run/find-data.js";
import { formatResult } from "../run/measure.js";
import { measureSampler } from "../run/measure-sampler.js";
import { rewindMetrics } from "../run/metrics-log.js";
import { openMetrics, pickMetrics } from "../run/open-metrics.js";
import type { Resumed } from "../run/prepare-run.js";
import { expectNoRun, openFor, openRun, trainerFor } from "../run/prepare-run.js";
import { writeRunConfig } from "../run/run-folder.js";
import { startBackend } from "../run/start-backend.js";
import { stopOnSignals } from "../run/stop-signal.js";
import type { TrainRunOptions } from "../run/train-run.js";
import { trainRun } from "../run/train-run.js";
import type { Trainer } from "../run/trainer.js";
import type { BackendOption, SharedOptions } from "./shared-options.js";

export interface TrainOptions extends SharedOptions, BackendOption {
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
  /** What is measured while training; nothing where left out. */
  readonly metric: string | undefined;
  readonly metricEvery: number;
  readonly metricImages: number;
  readonly inception: string | undefined;
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
  const overrides = options.set.map(parseOverride);
  const batch = options.batch === undefined ? [] : [{ path: ["training", "batch"], value: options.batch }];
  return resolveModel(registry, presetId, [...overrides, ...batch]);
}

/** A run goes on with the engine that it began with, since another one rounds differently, unless one is named. */
function backendFor(options: TrainOptions, resumed: Resumed | null): string {
  return options.backend === "auto" && resumed !== null ? resumed.config.backend.id : options.backend;
}

function limitsOf(options: TrainOptions, batch: number): { steps: number; seconds: number } {
  const infinite = Number.POSITIVE_INFINITY;
  const fromImages = options.images === undefined ? infinite : Math.ceil(options.images / batch);
  return { steps: Math.min(options.steps ?? infinite, fromImages), seconds: (options.minutes ?? infinite) * 60 };
}

async function resolvedConfig(
  choice: ModelChoice,
  options: TrainOptions,
  found: FoundData,
  dataset: Dataset,
  backend: RunConfig["backend"],
  cwd: string,
): Promise<RunConfig> {
  const path = isAbsolute(found.place) ? found.place : resolve(cwd, found.place);
  return {
    format: 1,
    ...choice,
    data: { place: (await exists(path)) ? path : found.place, id: dataset.id, images: dataset.length },
    seed: options.seed ?? 0,
    backend,
    every: { log: options.logEvery, sample: options.sampleEvery, checkpoint: options.checkpointEvery },
    versions: installedVersions(),
  };
}

/** @throws GanymedeError `invalid-data` when the images are not those that the run began with. */
function expectSameData(config: RunConfig, dataset: Dataset): void {
  if (dataset.id === config.data.id && dataset.length === config.data.images) return;
  throw new GanymedeError(
    "invalid-data",
    `--resume: the images must be those of the run, ${config.data.images} of ${config.data.id}, got ${dataset.length} of ${dataset.id}; give them with --data`,
  );
}

interface Measured {
  readonly registry: Registry;
  readonly trainer: Trainer;
  readonly dataset: Dataset;
  readonly config: RunConfig;
}

/** The measurements of `--metric`, as the run wants them; null without it. */
async function measureWhileTraining(
  options: TrainOptions,
  { registry, trainer, dataset, config }: Measured,
  context: CommandContext,
  signal: AbortSignal,
): Promise<NonNullable<TrainRunOptions["measure"]> | null> {
  if (options.metric === undefined) return null;
  const { terminal, cwd, environment } = context;
  const opened = await openMetrics({ inception: options.inception, cwd, environment, registry });
  const wanted = pickMetrics(opened, options.metric);
  const { detector } = opened;
  const measuring = {
    environment,
    signal,
    onProgress: (label: string, done: number, total: number) =>
      terminal.status(`Measuring ${label}: ${done} of ${total}`),
  };
  const count = options.metricImages;
  return {
    every: options.metricEvery,
    async run(step) {
      const results: Record<string, number> = {};
      for (const metric of wanted) {
        const result = await measureSampler(
          { metric, sampler: trainer, dataset, count, seed: config.seed, detector },
          measuring,
        );
        results[result.id] = result.value;
        terminal.note(`step ${step}: ${formatResult(result)}, ${count} images`);
      }
      return results;
    },
  };
}

/** Trains a preset, or goes on with a run. */
export async function trainCommand(
  presetId: string | undefined,
  options: TrainOptions,
  context: CommandContext,
): Promise<number> {
  const { terminal, cwd, files } = context;
  const registry = await loadRegistry(await context.builtIn(), { ...options, cwd: context.cwd });
  const out = resolve(cwd, options.out ?? `runs/${presetId ?? "run"}`);
  const resumed = options.resume ? await openRun(out) : null;
  const choice = chooseModel(registry, presetId, options, resumed);
  const limits = limitsOf(options, choice.training.batch);
  if (options.dryRun) {
    const place = options.data ?? resumed?.config.data.place ?? null;
    const { family, preset, model, training } = choice;
    const every = { log: options.logEvery, sample: options.sampleEvery, checkpoint: options.checkpointEvery };
    const plan = { format: 1, family, preset, model, training, data: { place }, seed: options.seed ?? 0 };
    const shown = { ...plan, backend: options.backend, every, out, versions: installedVersions() };
    terminal.out(JSON.stringify(shown, null, options.json ? 0 : 2));
    return 0;
  }
  if (resumed === null) await expectNoRun(out);

  const stop = stopOnSignals(context.signals, terminal.note);
  let dataset: Dataset | undefined;
  try {
    const found = await findData({
      data: options.data ?? resumed?.config.data.place,
      cwd,
      environment: context.environment,
      sources: registry.list("datasets"),
      preset: choice.preset,
      onProgress: (received, total) =>
        terminal.status(`Fashion-MNIST: ${formatBytes(received)} of ${formatBytes(total)}`),
      signal: stop.signal,
    });
    dataset = await openFor(registry, choice, found.place);
    terminal.note(`Data: ${dataset.length} images of ${dataset.id} (${found.why})`);
    const backend = await startBackend(registry, backendFor(options, resumed), terminal);
    const { id, device } = backend;
    const config = resumed?.config ?? (await resolvedConfig(choice, options, found, dataset, { id, device }, cwd));
    if (resumed !== null) {
      expectSameData(config, dataset);
      await rewindMetrics(files, out, resumed.checkpoint?.step ?? 0);
    } else {
      await writeRunConfig(files, out, config);
    }
    const trainer = await trainerFor(registry, config, resumed?.checkpoint ?? null);
    const measure = await measureWhileTraining(options, { registry, trainer, dataset, config }, context, stop.signal);
    terminal.note(`Run: ${out}${trainer.step > 0 ? `, from step ${trainer.step}` : ""}`);
    const end = await trainRun(
      {
        trainer,
        dataset,
        config,
        out,
        limits,
        keep: options.keep,
        display: trainingDisplay(terminal, trainer.step, limits),
        json: options.json,
        signal: stop.signal,
        ...(measure !== null && { measure }),
      },
      context,
    );
    const { step } = trainer;
    trainer.dispose();
    if (options.json) terminal.out(JSON.stringify({ event: end, step, out }));
    else terminal.note(`${end === "done" ? "Done" : "Stopped and saved"} at step ${step}: ${out}`);
    return end === "done" ? 0 : 130;
  } finally {
    stop.release();
    await dataset?.close?.();
  }
}
