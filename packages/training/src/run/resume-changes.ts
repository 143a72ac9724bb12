import type { Registry, TrainingConfig } from "@ganymede/core";
import { GanymedeError, refId } from "@ganymede/core";
import type { Override } from "./overrides.js";
import type { RunConfig } from "./run-config.js";
import { overrideModel } from "./run-config.js";

/** Settings of training that can change on resume: the state of a checkpoint is compatible with any value. */
const changeable = ["optimizer", "clipNorm", "ema", "batch"] as const satisfies readonly (keyof TrainingConfig)[];

/** Changes requested for a resumed run. */
export interface ResumeChanges {
  readonly set: readonly Override[];
  readonly every?: Partial<RunConfig["every"]> | undefined;
  readonly seed?: number | undefined;
  /** Id of a preset, which must be that of the run. */
  readonly preset?: string | undefined;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Names of the entries that differ between two records. */
function differences(before: object, after: object): readonly string[] {
  const [a, b] = [before, after] as readonly Readonly<Record<string, unknown>>[];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => !same(a?.[name], b?.[name]));
}

function refuse(config: RunConfig, got: string): never {
  throw new GanymedeError(
    "invalid-config",
    `\`resume\`: a resumed run keeps its own configuration (${config.preset}, seed ${config.seed}) apart from ${changeable.map((name) => `training.${name}`).join(", ")}, got ${got}; remove it or start a new run`,
  );
}

/**
 * The configuration of a resumed run: its own, except for settings that are safe to change. Changes of training are recorded with their
 * step.
 *
 * @param step step of the checkpoint.
 * @returns the configuration, and messages that explain the changes.
 * @throws GanymedeError `invalid-config` for a change of a fixed setting.
 */
export function resumedConfig(
  registry: Registry,
  config: RunConfig,
  step: number,
  { set, every = {}, seed, preset }: ResumeChanges,
): { readonly config: RunConfig; readonly notes: readonly string[] } {
  if (preset !== undefined && preset !== config.preset) refuse(config, `the preset ${preset}`);
  if (seed !== undefined && seed !== config.seed) refuse(config, `the seed ${seed}`);
  const intervals = Object.fromEntries(Object.entries(every).filter(([, value]) => value !== undefined));
  const changed = { ...config, every: { ...config.every, ...intervals } };
  if (set.length === 0) return { config: changed, notes: [] };
  const { model, training } = overrideModel(registry, config, set);
  if (!same(model, config.model)) refuse(config, "another model");
  const names = differences(config.training, training);
  const unsafe = names.find((name) => !(changeable as readonly string[]).includes(name));
  if (unsafe !== undefined) refuse(config, `training.${unsafe}`);
  if (names.length === 0) return { config: changed, notes: [] };
  for (const network of ["generator", "discriminator"] as const) {
    const id = refId(training.optimizer[network]);
    // The state of an optimizer does not fit another optimizer.
    if (id !== refId(config.training.optimizer[network]))
      refuse(config, `another optimizer of the ${network}, "${id}"`);
  }
  const settings = Object.fromEntries(names.map((name) => [name, training[name as keyof TrainingConfig]]));
  const notes = names.map((name) => `From step ${step} training.${name} is ${JSON.stringify(settings[name])}`);
  if (names.includes("batch")) {
    notes.push(
      "With another batch size, steps have another number of images, and the order of images changes from here on",
    );
  }
  return { config: { ...changed, training, changes: [...config.changes, { step, reason: "asked", settings }] }, notes };
}
