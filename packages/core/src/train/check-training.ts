import { GanymedeError } from "../errors/ganymede-error.js";
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
    const names = { r1: ["gamma", "every"], "gradient-penalty": ["weight", "target", "every"] }[kind] ?? [];
    for (const name of names) {
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
  return config;
}
