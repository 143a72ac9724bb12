import type { AdversarialModel, ModelFamily, Registry, TrainingConfig } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { overrideTraining } from "@ganymede/training";
import { describeRange, numberRanges } from "./number-ranges.js";
import type { Override } from "./overrides.js";
import { nestOverrides } from "./overrides.js";
import { findPreset } from "./registry.js";

/** What is trained and how: all of it, so that a run can be repeated from this alone. */
export interface RunConfig {
  readonly format: 1;
  readonly family: string;
  readonly preset: string;
  /** The family's own configuration. */
  readonly model: unknown;
  readonly training: TrainingConfig;
  /** Null for imported weights, which were trained elsewhere. */
  readonly data: { readonly place: string; readonly id: string; readonly images: number } | null;
  readonly seed: number;
  readonly backend: { readonly id: string; readonly device: string };
  /** Steps between lines of metrics, grids and checkpoints. */
  readonly every: { readonly log: number; readonly sample: number; readonly checkpoint: number };
  readonly versions: Readonly<Record<string, string>>;
}

/** The part of a configuration that makes the model. */
export type ModelChoice = Pick<RunConfig, "family" | "preset" | "model" | "training">;

/** A preset with the overrides of `--set`: `training.` keys for the training, others (or `model.` keys) for the model. */
export function resolveModel(registry: Registry, presetId: string, overrides: readonly Override[]): ModelChoice {
  const { family, preset } = findPreset(registry, presetId);
  const { model, training } = preset;
  return overrideModel(registry, { family: family.id, preset: preset.id, model, training }, overrides);
}

/** A configuration with overrides as `resolveModel` takes them. */
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

/** @throws GanymedeError `invalid-config` for a batch out of the range of `--batch`, which is the same setting. */
function checkBatch(training: TrainingConfig): TrainingConfig {
  const range = numberRanges["--batch"];
  for (const name of ["batch", "generatorBatch"] as const) {
    const value = training[name];
    if (value == null || value <= range.high) continue;
    throw new GanymedeError(
      "invalid-config",
      `training: ${name} must be ${describeRange(range)}, got ${value}; choose a smaller one, and accumulation for more`,
    );
  }
  return training;
}

function inner({ path, value }: Override): Override {
  if (path.length < 2) {
    throw new GanymedeError(
      "invalid-config",
      `--set: a key must name a setting, got "${path[0]}"; write ${path[0]}.name=value`,
    );
  }
  return { path: path.slice(1), value };
}

/** Builds the model of a configuration, with the attentions of every plugin. */
export function createModel(registry: Registry, choice: Pick<RunConfig, "family" | "model">): AdversarialModel {
  const parts = { attentions: registry.list("attentions"), mixers: registry.list("mixers") };
  return registry.get("models", choice.family).create(choice.model as never, parts);
}
