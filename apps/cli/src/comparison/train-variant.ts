import { join } from "node:path";
import type { Registry } from "@ganymede/core";
import { GanymedeError, key, leaves } from "@ganymede/core";
import type { ModelChoice, RunConfig } from "@ganymede/training";
import { createModel } from "@ganymede/training";
import type { Resumed, Training } from "@ganymede/training/node";
import {
  appendMetrics,
  exists,
  expectNoRun,
  lockRun,
  openRun,
  openTraining,
  readMetrics,
  readRunConfig,
  runPaths,
  trainRun,
} from "@ganymede/training/node";
import * as tf from "@tensorflow/tfjs-core";
import { parseMetrics } from "../commands/parse-ref.js";
import { installedVersions } from "../config/versions.js";
import type { CommandContext } from "../context.js";
import { trainingDisplay } from "../output/progress.js";
import type { Opening } from "../run/before-and-after.js";
import { openingOf, openMeasure } from "../run/before-and-after.js";
import type { Budget, ComparisonResult } from "./comparison-result.js";
import { readComparison, readLastComparison, writeComparison } from "./comparison-result.js";
import { medianPace, secondsSpent } from "./pace.js";

export interface TrainVariantOptions {
  readonly registry: Registry;
  readonly specifiers: ReadonlyMap<string, string>;
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

function isSame(found: RunConfig, { choice, seed }: Pick<TrainVariantOptions, "choice" | "seed">): boolean {
  const told = ({ family, model, training }: ModelChoice, of: number) => JSON.stringify([family, model, training, of]);
  return told(found, found.seed) === told(choice, seed);
}

/** @throws GanymedeError `invalid-config` if the folder holds another model than the variant. */
function expectSame(found: RunConfig, variant: TrainVariantOptions, out: string): void {
  if (isSame(found, variant)) return;
  throw new GanymedeError(
    "invalid-config",
    `compare: a variant must not change, but ${out} holds another run than "${variant.name}" with seed ${variant.seed}; choose another name or another --out`,
  );
}

/** The result of this variant with this budget if it has finished, or null. */
export async function knownResult(
  out: string,
  variant: Pick<TrainVariantOptions, "choice" | "seed" | "budget">,
): Promise<ComparisonResult | null> {
  const result = await readComparison(out, variant.budget);
  return result !== null && isSame(await readRunConfig(out), variant) ? result : null;
}

/** Number of learned parameters of both networks, without running statistics. */
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

/** Trains to the end of the budget; returns null if interrupted, else why it failed or `done`. */
async function spend(
  { trainer, config, ...training }: Training,
  { begin }: Opening,
  { budget, signal }: TrainVariantOptions,
  out: string,
  context: CommandContext,
): Promise<"interrupted" | "done" | GanymedeError> {
  // An older run in the folder does not count towards this budget.
  const spent = training.resumed ? secondsSpent(await readMetrics(out)) : 0;
  const infinite = Number.POSITIVE_INFINITY;
  const limits = {
    steps: Math.min(budget.steps ?? infinite, Math.ceil((budget.images ?? infinite) / trainer.images)),
    seconds: (budget.minutes ?? infinite) * 60 - spent,
  };
  const display = trainingDisplay(context.terminal, trainer.step, limits);
  const started = context.clock();
  let begun = false;
  const once = async (): Promise<void> => {
    if (!begun) await begin();
    begun = true;
  };
  const running = {
    ...training,
    trainer,
    config,
    begin: once,
    out,
    limits,
    keep: 1,
    loggers: [],
    callbacks: [display],
    signal,
  };
  try {
    const end = await trainRun(running, context);
    if (end === "done") await once();
    return end;
  } catch (error) {
    if (!GanymedeError.is(error) || error.code !== "non-finite") throw error;
    // A variant that does not train is a result too, and the folder belongs to its run even if the first step failed.
    await once();
    return error;
  } finally {
    const { step, images } = trainer;
    // The time of the session counts towards the budget, also after its last line with losses.
    if (begun)
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
      wanted: budget.metric === null ? undefined : parseMetrics(budget.metric)[0],
      preferred: "fid-192",
      cache: true,
      signal,
    },
    context,
  );
  try {
    const opening = await openingOf({ out, training, metric, measure, images: budget.measured }, files);
    const end = await spend(training, opening, options, out, context);
    if (end === "interrupted") return null;
    const { before } = opening;
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

/** The run that a variant resumes, and whether one that failed before its first checkpoint is replaced. */
async function findRun(
  out: string,
  options: TrainVariantOptions,
  note: (text: string) => void,
): Promise<{ readonly resumed: Resumed | null; readonly replaces: boolean }> {
  if (!(await exists(runPaths.config(out)))) {
    await expectNoRun(out);
    return { resumed: null, replaces: false };
  }
  const found = await openRun(out, note);
  const failed = found.checkpoint === null && (await readLastComparison(out))?.failure != null;
  if (failed && !isSame(found.config, options)) return { resumed: null, replaces: true };
  expectSame(found.config, options, out);
  return { resumed: found, replaces: false };
}

/** Trains and measures a variant in its folder, resuming from its last checkpoint; null if interrupted. */
export async function trainVariant(
  options: TrainVariantOptions,
  context: CommandContext,
): Promise<ComparisonResult | null> {
  const out = join(options.out, options.name);
  const { registry, choice, data, backend, threads, seed, budget, signal } = options;
  const lock = await lockRun(out);
  let training: Training | undefined;
  try {
    training = await openTraining(
      {
        registry,
        out,
        ...(await findRun(out, options, context.terminal.note)),
        choose: async () => choice,
        preset: choice.preset,
        data,
        backend,
        threads,
        limits: {
          steps: budget.steps ?? undefined,
          images: budget.images ?? undefined,
          minutes: budget.minutes ?? undefined,
        },
        seed,
        every: { log: 10, sample: 500, checkpoint: 500 },
        specifiers: options.specifiers,
        versions: installedVersions(),
        signal,
      },
      context,
    );
    const result = await trainAndMeasure(training, options, out, context);
    if (result !== null) await writeComparison(context.files, out, result);
    return result;
  } finally {
    await training?.close();
    lock.release();
  }
}
