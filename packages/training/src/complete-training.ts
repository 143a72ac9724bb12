import type { TrainingConfig } from "@ganymede/core";

/** A training config with every setting spelled out. */
export type CompleteTraining = Required<TrainingConfig>;

const leftOut = {
  generatorBatch: null,
  discriminatorSteps: 1,
  accumulation: 1,
  schedule: { kind: "constant" },
  clipNorm: null,
  generatorPenalties: [],
  latentConsistency: null,
  drift: null,
  pixels: null,
  superResolution: null,
  adaptation: null,
  precision: "float32",
} as const satisfies Partial<TrainingConfig>;

/** Fills in what a training config leaves out, so that each setting has a value to be looked at and overridden. */
export function completeTraining(config: TrainingConfig): CompleteTraining {
  return { ...leftOut, ...config };
}

/** Real images that one training step takes. */
export function imagesPerStep(config: TrainingConfig): number {
  const { batch, discriminatorSteps, accumulation } = completeTraining(config);
  return batch * discriminatorSteps * accumulation;
}
