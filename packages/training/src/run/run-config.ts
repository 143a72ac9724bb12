import type { AdversarialModel, ModelFamily, Registry, TrainingConfig } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { largestBatch } from "@ganymede/core/config";
import type { Override } from "./overrides.js";
import { nestOverrides } from "./overrides.js";
import { findPreset } from "./presets.js";
import { overrideTraining } from "./step-adapter.js";

/** Complete configuration of a run, enough to repeat it. */
export interface RunConfig {
  readonly format: 1;
  readonly family: string;
  readonly preset: string;
  /** Configuration of the model family. */
  readonly model: unknown;
  readonly training: TrainingConfig;
  /** Null for imported weights, which were trained elsewhere. */
  readonly data: { readonly place: string; readonly id: string; readonly images: number } | null;
  readonly seed: number;
  readonly backend: { readonly id: string; readonly device: string };
  /** Steps between lines of metrics, grids and checkpoints. */
  readonly every: { readonly log: number; readonly sample: number; readonly checkpoint: number };
  /** Plugins that the run needs; they are loaded again when it is resumed or sampled. */
  readonly plugins: readonly PluginRecord[];
  /** Settings of training that changed during the run; `training` has their latest values. */
  readonly changes: readonly RunChange[];
  readonly versions: Readonly<Record<string, string>>;
}

/** A change of settings at a step. */
export interface RunChange {
  readonly step: number;
  /** `non-finite` for lower rates after a non-finite loss. */
  readonly reason: "asked" | "non-finite";
  /** New settings of training, by name. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A plugin of a run. */
export interface PluginRecord {
  /** How it is loaded: a package, or the path of a file or folder. */
  readonly specifier: string;
  readonly name: string;
  /** Version of its package; null without a package. */
  readonly version: string | null;
}

/** The part of a configuration that defines model and training. */
export type ModelChoice = Pick<RunConfig, "family" | "preset" | "model" | "training">;

/** A preset with the overrides of `--set`: keys `training.*` for the training, others (or `model.*`) for the model. */
export function resolveModel(registry: Registry, presetId: string, overrides: readonly Override[]): ModelChoice {
  const { family, preset } = findPreset(registry, presetId);
  const { model, training } = preset;
  return overrideModel(registry, { family: family.id, preset: preset.id, model, training }, overrides);
}

/** Applies overrides to a configuration, with the keys of `resolveModel`. */
export function overrideModel(registry: Registry, base: ModelChoice, overrides: readonly Override[]): ModelChoice {
  const family = registry.get("models", base.family) as unknown as ModelFamily;
  const training = overrides.filter(({ path }) => path[0] === "training").map(inner);
  const model = overrides
    .filter(({ path }) => path[0] !== "training")
    .map((override) => (override.path[0] === "model" ? inner(override) : override));
  return {
    ...base,
    model: family.configure(base.model, nestOverrides(model)),
    training: checkBatch(overrideTraining(base.training, nestOverrides(training))),
  };
}

/** @throws GanymedeError `invalid-config` for a larger batch. */
function checkBatch(training: TrainingConfig): TrainingConfig {
  for (const name of ["batch", "generatorBatch"] as const) {
    const value = training[name];
    if (value == null || value <= largestBatch) continue;
    throw new GanymedeError(
      "invalid-config",
      `training: ${name} must be 1 to ${largestBatch.toLocaleString("en-US")}, got ${value}; choose a smaller one and use accumulation`,
    );
  }
  return training;
}

function inner({ path, value }: Override): Override {
  if (path.length < 2) {
    throw new GanymedeError(
      "invalid-config",
      `\`set\`: a key must name a setting, got "${path[0]}"; write ${path[0]}.name=value`,
    );
  }
  return { path: path.slice(1), value };
}

/** Creates the model of a configuration, with the attentions of every plugin. */
export function createModel(registry: Registry, choice: Pick<RunConfig, "family" | "model">): AdversarialModel {
  const parts = { attentions: registry.list("attentions"), mixers: registry.list("mixers") };
  return registry.get("models", choice.family).create(choice.model as never, parts);
}
