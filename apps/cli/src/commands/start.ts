import { rm } from "node:fs/promises";
import { relative, resolve } from "node:path";
import type { Dataset, MetricResult, Registry } from "@ganymede/core";
import { openDataset } from "@ganymede/data";
import { loadRegistry } from "../config/registry.js";
import type { ModelChoice, RunConfig } from "../config/run-config.js";
import { resolveModel } from "../config/run-config.js";
import { installedVersions } from "../config/versions.js";
import type { CommandContext } from "../context.js";
import { trainingDisplay } from "../output/progress.js";
import { formatBytes } from "../output/units.js";
import { exists } from "../run/files.js";
import { findData } from "../run/find-data.js";
import { measureSampler } from "../run/measure-sampler.js";
import { appendMetrics, readMetrics, rewindMetrics } from "../run/metrics-log.js";
import { openMetrics } from "../run/open-metrics.js";
import { openFor, openRun, trainerFor } from "../run/prepare-run.js";
import type { QuickStartResult } from "../run/quick-start-result.js";
import { readResult, writeResult } from "../run/quick-start-result.js";
import { runPaths, writeRunConfig } from "../run/run-folder.js";
import { saveGrid } from "../run/save-grid.js";
import { startBackend } from "../run/start-backend.js";
import { stopOnSignals } from "../run/stop-signal.js";
import { trainRun } from "../run/train-run.js";
import type { BackendOption, SharedOptions } from "./shared-options.js";

export interface StartOptions extends SharedOptions, BackendOption {
  readonly data: string | undefined;
  readonly out: string;
  readonly preset: string;
  readonly minutes: number;
  readonly steps: number | undefined;
  readonly seed: number;
  /** Images that are measured, on each side. */
  readonly images: number;
  readonly inception: string | undefined;
  readonly fresh: boolean;
}

/** What a finished quick start shows: the two distances, the pictures, and what to type next. */
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

/** The preset, with grey images where the data is grey and the family can: two minutes are better spent on shapes. */
async function chooseModel(registry: Registry, preset: string, place: string): Promise<ModelChoice> {
  const choice = resolveModel(registry, preset, []);
  const own = await openDataset(registry.list("datasets"), place);
  const [, , channels] = own.imageShape;
  await own.close?.();
  const canBeGrey = typeof choice.model === "object" && choice.model !== null && "channels" in choice.model;
  return channels === 1 && canBeGrey ? resolveModel(registry, preset, [{ path: ["channels"], value: 1 }]) : choice;
}

async function removeOldRun(out: string): Promise<void> {
  // Only a folder that holds a run is removed, so that a mistyped --out costs nothing.
  if (await exists(runPaths.config(out))) await rm(out, { recursive: true });
}

/** The quick start, from nothing to images and the distance to the data before and after. */
export async function startCommand(options: StartOptions, context: CommandContext): Promise<number> {
  const { terminal, cwd, environment, files } = context;
  const out = resolve(cwd, options.out);
  if (options.fresh) await removeOldRun(out);
  const finished = await readResult(out);
  if (finished !== null) {
    terminal.note(`This quick start is done already (${relative(cwd, out)}); --fresh begins again.`);
    showResult(out, finished, options, context);
    return 0;
  }
  const registry = await loadRegistry(await context.builtIn(), { ...options, cwd: context.cwd });
  const resumed = (await exists(runPaths.config(out))) ? await openRun(out) : null;
  const preset = resumed?.config.preset ?? options.preset;
  const stop = stopOnSignals(context.signals, terminal.note);
  let dataset: Dataset | undefined;
  try {
    const found = await findData({
      data: options.data ?? resumed?.config.data.place,
      cwd,
      environment,
      sources: registry.list("datasets"),
      preset,
      onProgress: (received, total) =>
        terminal.status(`Fashion-MNIST: ${formatBytes(received)} of ${formatBytes(total)}`),
      signal: stop.signal,
    });
    terminal.status("");
    const choice = resumed?.config ?? (await chooseModel(registry, preset, found.place));
    dataset = await openFor(registry, choice, found.place);
    terminal.note(`Data: ${dataset.length} images of ${dataset.id}, ${found.why}`);
    const backend = await startBackend(registry, resumed?.config.backend.id ?? options.backend, terminal);
    const config: RunConfig = resumed?.config ?? {
      format: 1,
      ...choice,
      data: { place: found.place, id: dataset.id, images: dataset.length },
      seed: options.seed,
      backend: { id: backend.id, device: backend.device },
      every: { log: 10, sample: 100, checkpoint: 200 },
      versions: installedVersions(),
    };
    const trainer = await trainerFor(registry, config, resumed?.checkpoint ?? null);
    if (resumed === null) await writeRunConfig(files, out, config);
    await rewindMetrics(files, out, trainer.step);

    const opened = await openMetrics({ inception: options.inception, cwd, environment, registry });
    // The first features of the network are the cheapest; a quick start compares, it does not publish.
    const metric = opened.list.find(({ id }) => id === "fid-64") ?? opened.list.find(({ id }) => id === "swd")!;
    terminal.note(`Metric: ${metric.id}${opened.detector === undefined ? "" : `, on ${opened.description}`}`);
    const measure = async (when: string): Promise<MetricResult> => {
      const { detector } = opened;
      const asked = { metric, sampler: trainer, dataset: dataset as Dataset, count: options.images, seed: config.seed };
      const result = await measureSampler(
        { ...asked, detector },
        {
          environment,
          signal: stop.signal,
          onProgress: (label, done, total) => terminal.status(`Measuring ${when}, ${label}: ${done} of ${total}`),
        },
      );
      terminal.status("");
      return result;
    };

    // A run that was stopped has its first distance in the log.
    const logged = (await readMetrics(out)).find((line) => line.step === 0)?.[metric.id];
    const before = typeof logged === "number" ? logged : (await measure("before training")).value;
    if (typeof logged !== "number") await appendMetrics(files, out, { step: 0, images: 0, [metric.id]: before });
    terminal.note(`${metric.id} before training: ${before.toPrecision(4)}`);
    if (trainer.step === 0) await saveGrid(files, runPaths.sample(out, 0), trainer, config.seed);

    const limits = { steps: options.steps ?? Number.POSITIVE_INFINITY, seconds: options.minutes * 60 };
    terminal.note(
      `Training ${config.preset} for about ${options.minutes} minutes; grids appear in ${relative(cwd, out)}/samples`,
    );
    const display = trainingDisplay(terminal, trainer.step, limits);
    const running = {
      trainer,
      dataset,
      config,
      out,
      limits,
      keep: 2,
      display,
      json: options.json,
      signal: stop.signal,
    };
    if ((await trainRun(running, context)) === "interrupted") {
      terminal.note(`Stopped and saved at step ${trainer.step}; npm start goes on.`);
      return 130;
    }
    const after = (await measure("after training")).value;
    const { step } = trainer;
    await appendMetrics(files, out, { step, images: step * config.training.batch, [metric.id]: after });
    const result: QuickStartResult = {
      metric: metric.id,
      better: metric.better,
      before,
      after,
      images: Math.min(options.images, dataset.length),
      steps: step,
      data: dataset.id,
      backend: config.backend.id,
    };
    await writeResult(files, out, result);
    opened.dispose();
    trainer.dispose();
    showResult(out, result, options, context);
    return 0;
  } finally {
    terminal.status("");
    stop.release();
    await dataset?.close?.();
  }
}
