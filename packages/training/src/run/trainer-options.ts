import type { Registry } from "@ganymede/core";
import { fold, key } from "@ganymede/core";
import type { RunConfig } from "./run-config.js";
import { createModel } from "./run-config.js";
import type { TrainerOptions } from "./trainer.js";

/** Trainer options of a configuration: model, parts of the step, and the root key of the run. */
export function trainerOptions(
  registry: Registry,
  { family, model, training, seed }: Pick<RunConfig, "family" | "model" | "training" | "seed">,
): Omit<TrainerOptions, "resume"> {
  return {
    model: createModel(registry, { family, model }),
    training,
    components: registry,
    key: fold(key(seed), "train"),
  };
}
