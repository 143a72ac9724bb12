import type {
  Backend,
  Callback,
  CallbackInputs,
  Logger,
  LoggerInputs,
  Part,
  Plugin,
  Preset,
  Ref,
  Registry,
  TrainingLength,
} from "@ganymede/core";
import { createRegistry, resolveRef } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { completeTraining } from "../training-config.js";
import { findPreset, listPresets } from "./presets.js";
import type { ModelChoice, RunConfig } from "./run-config.js";
import { overrideModel } from "./run-config.js";
import type { BackendOption } from "./select-backend.js";
import { selectBackend } from "./select-backend.js";

/** Id of a preset, a preset of a family that a plugin provides, or a configuration with its family. */
export type PresetChoice = string | Preset<unknown> | ModelChoice;

/** A logger; one created when the run starts, such as `tensorboard()`; or a reference to one of a plugin. */
export type LoggerChoice = Logger | Part<LoggerInputs, Logger> | Ref;

/** A callback, in the same forms. */
export type CallbackChoice = Callback | Part<CallbackInputs, Callback> | Ref;

/** Options of training, with or without files. */
export interface TrainingChoices extends Partial<BackendOption> {
  readonly preset: PresetChoice;
  /** Plugins that the run needs in addition to the losses and augmentations of this package, such as `vitgan()` and `onnxPlugin()`. */
  readonly plugins?: readonly Plugin[];
  /** Settings by path: `{ "training.batch": 16, "generator.attention": "performer" }`. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** Seed of all randomness: the run is a function of it and of the data. Default: 0. */
  readonly seed?: number;
  /** Stop at this step, counted from the start of the run. */
  readonly steps?: number;
  /** Stop after this many real images, counted from the start of the run. */
  readonly images?: number;
  /** Stop after this many minutes of training. */
  readonly minutes?: number;
  /** Steps between lines of losses, grids and checkpoints. Default: 10, 500, 500. */
  readonly every?: Partial<RunConfig["every"]>;
  readonly loggers?: readonly LoggerChoice[];
  readonly callbacks?: readonly CallbackChoice[];
  /** Stops the run after the current step. */
  readonly signal?: AbortSignal;
}

/** A registry of plugins; of two with the same name, the later one wins. */
export function registryOf(own: readonly Plugin[], given: readonly Plugin[]): Registry {
  return createRegistry([...new Map([...own, ...given].map((plugin) => [plugin.name, plugin])).values()]);
}

/** Settings by path as a list of overrides. */
export function overridesOf(set: Readonly<Record<string, unknown>> = {}) {
  return Object.entries(set).map(([path, value]) => ({ path: path.split("."), value: value as never }));
}

/** @throws GanymedeError `unknown-name` for a preset that no plugin provides, `invalid-config` for invalid settings. */
export function chooseModel(registry: Registry, preset: PresetChoice, set?: TrainingChoices["set"]): ModelChoice {
  const overrides = overridesOf(set);
  if (typeof preset !== "string" && "family" in preset) return overrideModel(registry, preset, overrides);
  const known = listPresets(registry).find((each) => each.preset === preset);
  const { family } = known ?? findPreset(registry, typeof preset === "string" ? preset : preset.id);
  const { id, model, training } = typeof preset === "string" ? findPreset(registry, preset).preset : preset;
  return overrideModel(registry, { family: family.id, preset: id, model, training }, overrides);
}

/** What ends a training; without an entry, nothing of its kind does. */
export interface TrainingLimits {
  readonly steps?: number | undefined;
  readonly images?: number | undefined;
  readonly minutes?: number | undefined;
}

/** Limits of a run: total steps, and seconds of this session. */
export function limitsOf({ steps, images, minutes }: TrainingLimits, imagesPerStep: number): TrainingLength {
  const infinite = Number.POSITIVE_INFINITY;
  const fromImages = images === undefined ? infinite : Math.ceil(images / imagesPerStep);
  return { steps: Math.min(steps ?? infinite, fromImages), seconds: (minutes ?? infinite) * 60 };
}

/**
 * How long a training is for the choice of its backend. In a narrow precision it counts as endless: a backend that has it repays its start at once,
 * since others emulate it.
 */
export function lengthOf({ training }: Pick<ModelChoice, "training">, limits: TrainingLimits): TrainingLength {
  const { batch, precision } = completeTraining(training);
  if (precision !== "float32") return { steps: Number.POSITIVE_INFINITY, seconds: Number.POSITIVE_INFINITY };
  return limitsOf(limits, batch);
}

/** Intervals of a run, with their defaults. */
export function intervalsOf({ log = 10, sample = 500, checkpoint = 500 }: Partial<RunConfig["every"]> = {}) {
  return { log, sample, checkpoint };
}

/** Starts the requested backend; with `auto` and no plugin with a backend, keeps the current one of TensorFlow.js. */
export async function backendOf(
  registry: Registry,
  { backend = "auto", threads }: Partial<BackendOption>,
  training?: TrainingLength,
) {
  const all: readonly Backend[] = registry.list("backends");
  if (backend === "auto" && all.length === 0) return { id: tf.getBackend(), device: tf.getBackend() };
  return selectBackend(all, backend, () => undefined, { threads, ...(training && { training }) });
}

const isRef = (choice: object | string): choice is Ref =>
  typeof choice === "string" || ("id" in choice && typeof choice.id === "string" && !("create" in choice));

/** @throws GanymedeError `unknown-name` for a logger that no plugin provides, `invalid-config` for its settings. */
export function makeLoggers(registry: Registry, choices: readonly LoggerChoice[], inputs: LoggerInputs) {
  return choices.map((choice): Logger => {
    if (isRef(choice)) return resolveRef(registry.list("loggers"), choice, "logger", "loggers").create(inputs);
    return "create" in choice ? choice.create(inputs) : choice;
  });
}

/** @throws GanymedeError `unknown-name` for a callback that no plugin provides, `invalid-config` for its settings. */
export function makeCallbacks(registry: Registry, choices: readonly CallbackChoice[], inputs: CallbackInputs) {
  return choices.map((choice): Callback => {
    if (isRef(choice)) return resolveRef(registry.list("callbacks"), choice, "callback", "callbacks").create(inputs);
    return "create" in choice ? choice.create(inputs) : choice;
  });
}
