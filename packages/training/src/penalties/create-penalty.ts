import type { GeneratorPenalty, GeneratorPenaltyConfig, Penalty, PenaltyConfig } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { diversity } from "./diversity.js";
import { gradientPenalty } from "./gradient-penalty.js";
import { pathLength } from "./path-length.js";
import { r1 } from "./r1.js";
import { r2 } from "./r2.js";

const factories = {
  r1: (config: PenaltyConfig & { kind: "r1" }) => r1(config),
  r2: (config: PenaltyConfig & { kind: "r2" }) => r2(config),
  "gradient-penalty": (config: PenaltyConfig & { kind: "gradient-penalty" }) => gradientPenalty(config),
  diversity: (config: PenaltyConfig & { kind: "diversity" }) => diversity(config),
} satisfies { [Kind in PenaltyConfig["kind"]]: (config: PenaltyConfig & { kind: Kind }) => Penalty };

/** The penalty that a record of a training config describes. */
export function createPenalty(config: PenaltyConfig): Penalty {
  if (!Object.hasOwn(factories, config.kind)) {
    throw new GanymedeError(
      "invalid-config",
      `createPenalty: no penalty is called "${String(config.kind)}"; known: ${Object.keys(factories).join(", ")}`,
    );
  }
  return (factories[config.kind] as (config: PenaltyConfig) => Penalty)(config);
}

/** The penalty of the generator that a record of a training config describes. */
export function createGeneratorPenalty(config: GeneratorPenaltyConfig): GeneratorPenalty {
  if (config.kind !== "path-length") {
    throw new GanymedeError(
      "invalid-config",
      `createGeneratorPenalty: no penalty of the generator is called "${String((config as { kind: unknown }).kind)}"; known: path-length`,
    );
  }
  return pathLength(config);
}
