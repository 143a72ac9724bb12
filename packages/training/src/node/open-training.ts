import { isAbsolute, resolve } from "node:path";
import type { Dataset, Registry } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import type { ModelChoice, RunConfig } from "../run/run-config.js";
import { createModel } from "../run/run-config.js";
import type { BackendOption } from "../run/select-backend.js";
import type { TrainingLimits } from "../run/train-options.js";
import { lengthOf } from "../run/train-options.js";
import type { Trainer } from "../run/trainer.js";
import { exists } from "./files.js";
import { findData } from "./find-data.js";
import { rewindMetrics } from "./metrics-log.js";
import { neededPlugins } from "./needed-plugins.js";
import type { Resumed } from "./prepare-run.js";
import { openFor, trainerFor } from "./prepare-run.js";
import { clearRun } from "./run-contents.js";
import type { RunContext } from "./run-context.js";
import { writeRunConfig } from "./run-folder.js";
import { startBackend } from "./start-backend.js";

/** What `openTraining` needs to open a run. */
export interface OpenTrainingOptions {
  readonly registry: Registry;
  readonly out: string;
  /** The run to resume; null for a new one. */
  readonly resumed: Resumed | null;
  /** The folder holds an older run, which is removed after the first step. */
  readonly replaces?: boolean;
  /** Chooses model and training of a new run, which may depend on the dataset path. */
  readonly choose: (place: string) => Promise<ModelChoice>;
  readonly preset: string;
  readonly data: string | undefined;
  readonly backend: string;
  readonly threads: number | undefined;
  /** Limits of the training, for the choice of a backend; endless where they are left out. */
  readonly limits?: TrainingLimits;
  readonly seed: number;
  readonly every: RunConfig["every"];
  /** An open dataset instead of one that is searched for. */
  readonly dataset?: Dataset | undefined;
  /** How passed plugins are loaded, by plugin name. */
  readonly specifiers: ReadonlyMap<string, string>;
  /** Versions of the packages that make the run, by name. */
  readonly versions: RunConfig["versions"];
  readonly signal: AbortSignal;
}

/** Everything that a run needs, open. */
export interface Training {
  readonly dataset: Dataset;
  readonly config: RunConfig;
  readonly trainer: Trainer;
  /** True for a resumed run. */
  readonly resumed: boolean;
  /** Claims the folder: writes the configuration of a new run, or drops what was logged after the checkpoint. */
  begin(): Promise<void>;
  /** Frees the state, unless it is kept, and closes the data. */
  close(options?: { readonly keepState?: boolean }): Promise<void>;
}

/** @throws GanymedeError `invalid-data` if the images are not those of the run. */
function expectSameData(config: RunConfig, dataset: Dataset): void {
  if (config.data === null) return;
  if (dataset.id === config.data.id && dataset.length === config.data.images) return;
  throw new GanymedeError(
    "invalid-data",
    `\`resume\`: the images must be those of the run, ${config.data.images} of ${config.data.id}, got ${dataset.length} of ${dataset.id}; give them with \`data\``,
  );
}

/** @throws GanymedeError `invalid-data` if a model with classes gets images without classes or with others. */
function expectClasses(classes: number | undefined, { id, labels }: Dataset): void {
  if (classes === undefined) return;
  const most = labels && Array.from(labels).reduce((sofar, label) => Math.max(sofar, label), 0);
  if (most !== undefined && most < classes) return;
  const got = most === undefined ? "no classes" : `classes 0 to ${most}`;
  throw new GanymedeError(
    "invalid-data",
    `\`data\`: a model of ${classes} classes needs images with classes 0 to ${classes - 1}, got ${got} in ${id}; give other data, or \`set\` classes=... where the family has the setting`,
  );
}

/** A run resumes on the backend that it started with, because others round differently, unless one is named. */
function backendFor({ backend, threads, resumed, registry }: OpenTrainingOptions): BackendOption {
  const isChosen = backend !== "auto" || resumed === null || registry.list("backends").length === 0;
  return { backend: isChosen ? backend : resumed.config.backend.id, threads };
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

async function openData(options: OpenTrainingOptions, context: RunContext) {
  const given = options.dataset;
  if (given !== undefined) {
    const choice = options.resumed?.config ?? (await options.choose(given.id));
    return { choice, dataset: given, place: given.id };
  }
  const { registry, resumed } = options;
  const { terminal, cwd } = context;
  const found = await findData({
    data: options.data ?? resumed?.config.data?.place,
    cwd,
    environment: context.environment,
    sources: registry.list("datasets"),
    preset: options.preset,
    onProgress: (received, total) => terminal.status(`Fashion-MNIST: ${megabytes(received)} of ${megabytes(total)}`),
    signal: options.signal,
  });
  terminal.status("");
  const choice = resumed?.config ?? (await options.choose(found.place));
  const dataset = await openFor(registry, choice, found.place);
  terminal.note(`Data: ${dataset.length} images of ${dataset.id}, ${found.why}`);
  for (const note of dataset.notes ?? []) terminal.note(note);
  const path = isAbsolute(found.place) ? found.place : resolve(cwd, found.place);
  return { choice, dataset, place: (await exists(path)) ? path : found.place };
}

/** Finds the data, starts the backend and creates or restores the state. The caller closes it. */
export async function openTraining(options: OpenTrainingOptions, context: RunContext): Promise<Training> {
  const { registry, resumed, out, seed, every } = options;
  const { choice, dataset, place } = await openData(options, context);
  // The owner of an open dataset closes it.
  const closeData = async (): Promise<void> => {
    if (options.dataset === undefined) await dataset.close?.();
  };
  try {
    if (resumed !== null) expectSameData(resumed.config, dataset);
    const { id, device } = await startBackend(
      registry,
      backendFor(options),
      context.terminal,
      lengthOf(choice, options.limits ?? {}),
    );
    const data = { place, id: dataset.id, images: dataset.length };
    const config: RunConfig = resumed?.config ?? {
      format: 1,
      ...choice,
      data,
      seed,
      backend: { id, device },
      every,
      plugins: neededPlugins(registry, choice, options.specifiers, context.cwd),
      changes: [],
      versions: options.versions,
    };
    expectClasses(createModel(registry, config).classes, dataset);
    const trainer = await trainerFor(registry, config, resumed?.checkpoint ?? null);
    return {
      dataset,
      config,
      trainer,
      resumed: resumed !== null,
      async begin() {
        // The first step of a run without a checkpoint has already been taken; it is logged after this.
        if (resumed !== null) {
          await rewindMetrics(context.files, out, resumed.checkpoint?.step ?? 0);
          if (resumed.changed) await writeRunConfig(context.files, out, config);
          return;
        }
        const left = options.replaces ? await clearRun(out) : [];
        if (left.length > 0) context.terminal.note(`Kept because ganymede did not write it: ${left.join(", ")}`);
        await writeRunConfig(context.files, out, config);
      },
      async close({ keepState = false } = {}) {
        if (!keepState) trainer.dispose();
        await closeData();
      },
    };
  } catch (error) {
    await closeData();
    throw error;
  }
}
