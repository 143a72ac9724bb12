import { GanymedeError } from "../errors/ganymede-error.js";
import type { CompleteTraining } from "./complete-training.js";
import { completeTraining } from "./complete-training.js";
import type { TrainingConfig } from "./training-config.js";

function demand(holds: boolean, name: string, rule: string, got: unknown): void {
  if (!holds) throw new GanymedeError("invalid-config", `training: ${name} must be ${rule}, got ${String(got)}`);
}

function atLeast(least: number, value: unknown, name: string): void {
  demand(
    typeof value === "number" && Number.isFinite(value) && value >= least,
    name,
    `a number from ${least} up`,
    value,
  );
}

function whole(least: number, value: unknown, name: string): void {
  demand(Number.isSafeInteger(value) && (value as number) >= least, name, `a whole number from ${least} up`, value);
}

function decayRate(value: unknown, name: string): void {
  demand(typeof value === "number" && value >= 0 && value < 1, name, "in [0, 1)", value);
}

const penaltyNumbers = {
  r1: ["gamma", "every"],
  r2: ["gamma", "every"],
  "gradient-penalty": ["weight", "target", "every"],
  diversity: ["weight", "every"],
} as const;

function checkGeneratorPenalties({ generatorPenalties }: CompleteTraining): void {
  generatorPenalties.forEach((penalty, index) => {
    const name = `generatorPenalties[${index}]`;
    demand(penalty.kind === "path-length", `${name}.kind`, "path-length", penalty.kind);
    atLeast(0, penalty.weight, `${name}.weight`);
    atLeast(0, penalty.decay, `${name}.decay`);
    whole(1, penalty.every, `${name}.every`);
    whole(1, penalty.batchShrink, `${name}.batchShrink`);
  });
}

/** Settings that a config may leave out. */
function checkOptional(config: CompleteTraining): void {
  if (config.generatorBatch !== null) whole(1, config.generatorBatch, "generatorBatch");
  whole(1, config.discriminatorSteps, "discriminatorSteps");
  whole(1, config.accumulation, "accumulation");
  if (config.clipNorm !== null) atLeast(1e-12, config.clipNorm, "clipNorm");
  if (config.drift !== null) atLeast(0, config.drift, "drift");
  if (config.superResolution !== null) atLeast(0, config.superResolution, "superResolution");
  const { schedule, latentConsistency, pixels, adaptation, precision } = config;
  demand(["float32", "float16"].includes(precision), "precision", "float32 or float16", precision);
  demand(
    ["constant", "linear", "cosine"].includes(schedule.kind),
    "schedule.kind",
    "constant, linear or cosine",
    schedule.kind,
  );
  if (schedule.kind !== "constant") whole(1, schedule.steps, "schedule.steps");
  for (const [name, value] of Object.entries(latentConsistency ?? {})) atLeast(0, value, `latentConsistency.${name}`);
  if (pixels !== null && pixels.cutMix !== null) {
    atLeast(0, pixels.cutMix.consistency, "pixels.cutMix.consistency");
    whole(0, pixels.cutMix.warmupSteps, "pixels.cutMix.warmupSteps");
  }
  if (adaptation !== null) {
    demand(adaptation.target > -1 && adaptation.target < 1, "adaptation.target", "in (-1, 1)", adaptation.target);
    whole(1, adaptation.images, "adaptation.images");
    whole(1, adaptation.every, "adaptation.every");
  }
  checkGeneratorPenalties(config);
}

/**
 * Gives back a training config whose numbers make sense.
 *
 * @throws GanymedeError `invalid-config` naming the setting, its range and what was got.
 */
export function checkTraining(config: TrainingConfig): TrainingConfig {
  whole(1, config.batch, "batch");
  atLeast(0, config.learningRate.generator, "learningRate.generator");
  atLeast(0, config.learningRate.discriminator, "learningRate.discriminator");
  whole(0, config.warmupSteps, "warmupSteps");
  demand(config.betas.length === 2, "betas", "two numbers", config.betas.length);
  config.betas.forEach((beta, index) => {
    decayRate(beta, `betas[${index}]`);
  });
  config.penalties.forEach((penalty, index) => {
    const { kind, ...numbers } = penalty;
    demand(
      kind in penaltyNumbers,
      `penalties[${index}].kind`,
      `one of ${Object.keys(penaltyNumbers).join(", ")}`,
      kind,
    );
    for (const name of penaltyNumbers[kind]) {
      atLeast(0, (numbers as Readonly<Record<string, unknown>>)[name], `penalties[${index}].${name}`);
    }
    whole(1, penalty.every, `penalties[${index}].every`);
  });
  if (config.consistency !== null) {
    atLeast(0, config.consistency.real, "consistency.real");
    atLeast(0, config.consistency.fake, "consistency.fake");
  }
  whole(1, config.average.halfLifeImages, "average.halfLifeImages");
  atLeast(0, config.average.rampUp, "average.rampUp");
  atLeast(0, config.average.startImages, "average.startImages");
  checkOptional(completeTraining(config));
  return config;
}
