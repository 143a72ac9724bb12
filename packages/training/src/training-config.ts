import type { Ref, TrainingConfig } from "@ganymede/core";
import {
  checkSettings,
  flag,
  list,
  nullable,
  oneOf,
  real,
  record,
  reference,
  resolveConfig,
  scheduled,
  whole,
} from "@ganymede/core/config";

/** A reference in its long form, a record of its settings. */
export type RefRecord = Exclude<Ref, string>;

/** A training config with every default filled in and every reference in its long form, so that each setting can be printed and overridden. */
export interface CompleteTraining extends Required<TrainingConfig> {
  readonly optimizer: { readonly generator: RefRecord; readonly discriminator: RefRecord };
  readonly loss: RefRecord;
  readonly discriminatorTerms: readonly RefRecord[];
  readonly generatorTerms: readonly RefRecord[];
  readonly augmentation: RefRecord | null;
}

const defaults = {
  generatorBatch: null,
  accumulation: 1,
  discriminatorSteps: 1,
  clipNorm: null,
  discriminatorTerms: [],
  generatorTerms: [],
  augmentation: null,
  mirror: false,
  fakeLabels: "uniform",
  generatorReal: "shared",
  precision: "float32",
} as const satisfies Partial<TrainingConfig>;

const spelledOut = (ref: Ref): RefRecord => (typeof ref === "string" ? { id: ref } : ref);

/** Fills in the defaults of a training config. */
export function completeTraining(config: TrainingConfig): CompleteTraining {
  const { optimizer, loss, discriminatorTerms, generatorTerms, augmentation, ...rest } = { ...defaults, ...config };
  return {
    ...rest,
    optimizer: { generator: spelledOut(optimizer.generator), discriminator: spelledOut(optimizer.discriminator) },
    loss: spelledOut(loss),
    discriminatorTerms: discriminatorTerms.map(spelledOut),
    generatorTerms: generatorTerms.map(spelledOut),
    augmentation: augmentation === null ? null : spelledOut(augmentation),
  };
}

const settings = record({
  batch: whole(1),
  generatorBatch: nullable(whole(1)),
  accumulation: whole(1),
  discriminatorSteps: whole(1),
  optimizer: record({ generator: reference, discriminator: reference }),
  clipNorm: nullable(real({ above: 0 })),
  loss: reference,
  discriminatorTerms: list(reference),
  generatorTerms: list(reference),
  augmentation: nullable(reference),
  ema: record({
    halfLifeImages: scheduled(real({ least: 0 })),
    rampUp: real({ least: 0 }),
    startImages: real({ least: 0 }),
  }),
  mirror: flag,
  fakeLabels: oneOf("uniform", "real"),
  generatorReal: oneOf("shared", "own"),
  precision: oneOf("float32", "float16", "bfloat16"),
});

/**
 * Checks the ranges of a training config; parts check their own settings when the step is created.
 *
 * @throws GanymedeError `invalid-config` with the setting, its range and the value.
 */
export function checkTraining<Config extends TrainingConfig>(config: Config): Config {
  const isRecord = typeof config === "object" && config !== null && !Array.isArray(config);
  checkSettings(settings, isRecord ? { ...defaults, ...config } : config, "training");
  return config;
}

/**
 * Applies overrides such as `--set training.discriminatorTerms.r1.gamma=5` to a training config: terms are addressed by id or position.
 *
 * @throws GanymedeError `invalid-config` for an unknown setting, or a value of the wrong type or out of range.
 */
export function overrideTraining(
  config: TrainingConfig,
  overrides: Readonly<Record<string, unknown>>,
): CompleteTraining {
  const changed = resolveConfig<TrainingConfig>(completeTraining(config), overrides, "training", { schedules: true });
  return completeTraining(checkTraining(changed));
}

/** Real images per discriminator step, all updates together. */
export function discriminatorImages(config: TrainingConfig): number {
  const { batch, discriminatorSteps, accumulation } = completeTraining(config);
  return batch * discriminatorSteps * accumulation;
}

/** Real images per training step. */
export function imagesPerStep(config: TrainingConfig): number {
  const { batch, accumulation, generatorReal } = completeTraining(config);
  return discriminatorImages(config) + (generatorReal === "own" ? batch * accumulation : 0);
}
