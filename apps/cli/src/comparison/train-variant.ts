import { join } from "node:path";
import type { Registry } from "@ganymede/core";
import { GanymedeError, key, leaves } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import type { ModelChoice, RunConfig } from "../config/run-config.js";
import { createModel } from "../config/run-config.js";
import type { CommandContext } from "../context.js";
import { trainingDisplay } from "../output/progress.js";
import { distanceBefore, openMeasure } from "../run/before-and-after.js";
import { exists } from "../run/files.js";
import { appendMetrics, readMetrics } from "../run/metrics-log.js";
import type { Training } from "../run/open-training.js";
import { openTraining } from "../run/open-training.js";
import { openRun } from "../run/prepare-run.js";
import { runPaths } from "../run/run-folder.js";
import { saveGrid } from "../run/save-grid.js";
import { trainRun } from "../run/train-run.js";
import type { Budget, ComparisonResult } from "./comparison-result.js";
import { medianPace, secondsSpent } from "./pace.js";

export interface TrainVariantOptions {
  readonly registry: Registry;
  readonly name: string;
  readonly choice: ModelChoice;
  /** Folder of all variants. */
  readonly out: string;
  readonly data: string | undefined;
  readonly backend: string;
  readonly threads: number | undefined;
  readonly seed: number;
  readonly inception: string | undefined;
  readonly budget: Budget;
  readonly signal: AbortSignal;
}

/** @throws GanymedeError `invalid-config` when the folder holds another model than the variant. */
function expectSame(found: RunConfig, { choice, seed, name }: TrainVariantOptions, out: string): void {
  const told = ({ family, model, training }: ModelChoice, of: number) => JSON.stringify([family, model, training, of]);
  if (told(found, found.seed) === told(choice, seed)) return;
  throw new GanymedeError(
    "invalid-config",
    `compare: a variant must stay as it was, but ${out} holds another run than "${name}" with seed ${seed}; give it another name, or another --out`,
  );
}

/** Numbers that both networks learn; running statistics are not among them. */
function parametersOf(registry: Registry, choice: ModelChoice): ComparisonResult["parameters"] {
  const { generator, discriminator } = createModel(registry, choice);
  const count = (init: typeof generator.init): number => {
    let parameters = 0;
    tf.tidy(() => {
      const learned = leaves(init(key(0))).filter(({ path }) => !path.split(".").includes("statistics"));
      parameters = learned.reduce((sum, { value }) => sum + value.size, 0);
    });
    return parameters;
  };
  return { generator: count(generator.init), discriminator: count(discriminator.init) };
}

/** Trains to the end of the budget; null when it was stopped, else why it failed or `done`. */
async function spend(
  { trainer, config, ...training }: Training,
  { budget, signal }: TrainVariantOptions,
  out: string,
  context: CommandContext,
): Promise<"interrupted" | "done" | GanymedeError> {
  const spent = secondsSpent(await readMetrics(out));
  const infinite = Number.POSITIVE_INFINITY;
  const limits = {
    steps: Math.min(budget.steps ?? infinite, Math.ceil((budget.images ?? infinite) / trainer.images)),
    seconds: (budget.minutes ?? infinite) * 60 - spent,
  };
  const display = trainingDisplay(context.terminal, trainer.step, limits);
  const running = { ...training, trainer, config, out, limits, keep: 1, display, json: false, signal };
  const started = context.clock();
  try {
    return await trainRun(running, context);
  } catch (error) {
    // That a variant does not train is a result.
    if (GanymedeError.is(error) && error.code === "non-finite") return error;
    throw error;
  } finally {
    const { step, images } = trainer;
    // The time of the session is the budget's, also after its last line with losses.
    await appendMetrics(context.files, out, { step, images: step * images, seconds: context.clock() - started });
  }
}

async function trainAndMeasure(
  training: Training,
  options: TrainVariantOptions,
  out: string,
  context: CommandContext,
): Promise<ComparisonResult | null> {
  const { registry, name, choice, budget, seed, inception, signal } = options;
  const { files } = context;
  const { trainer, config, dataset } = training;
  const { metric, measure, dispose } = await openMeasure(
    {
      registry,
      training,
      inception,
      images: budget.measured,
      wanted: budget.metric ?? undefined,
      preferred: "fid-192",
      signal,
    },
    context,
  );
  try {
    await training.begin();
    const before = await distanceBefore({ out, metric, measure, images: budget.measured, step: trainer.step }, files);
    if (trainer.step === 0) await saveGrid(files, runPaths.sample(out, 0), trainer, config.seed);
    const end = await spend(training, options, out, context);
    if (end === "interrupted") return null;
    const images = trainer.step * trainer.images;
    const after = end === "done" ? await measure("after training") : null;
    if (after !== null) await appendMetrics(files, out, { step: trainer.step, images, [metric.id]: after });
    const lines = await readMetrics(out);
    return {
      variant: name,
      preset: choice.preset,
      parameters: parametersOf(registry, choice),
      steps: trainer.step,
      images,
      imagesPerSecond: medianPace(lines),
      minutes: secondsSpent(lines) / 60,
      metric: metric.id,
      better: metric.better,
      before,
      after,
      failure: end === "done" ? null : end.message,
      data: dataset.id,
      backend: config.backend.id,
      seed,
      budget,
    };
  } finally {
    dispose();
  }
}

/** Trains and measures one variant in its folder, from its last checkpoint where it was stopped; null when it is stopped again. */
export async function trainVariant(
  options: TrainVariantOptions,
  context: CommandContext,
): Promise<ComparisonResult | null> {
  const out = join(options.out, options.name);
  const resumed = (await exists(runPaths.config(out))) ? await openRun(out) : null;
  if (resumed !== null) expectSame(resumed.config, options, out);
  const { registry, choice, data, backend, threads, seed, signal } = options;
  const training = await openTraining(
    {
      registry,
      out,
      resumed,
      choose: async () => choice,
      preset: choice.preset,
      data,
      backend,
      threads,
      seed,
      every: { log: 10, sample: 500, checkpoint: 500 },
      signal,
    },
    context,
  );
  try {
    return await trainAndMeasure(training, options, out, context);
  } finally {
    await training.close();
  }
}
