import type { TrainingConfig } from "@ganymede/core";
import { checkSettings, flag, kinds, list, nullable, oneOf, real, record, text, whole } from "@ganymede/core/config";
import { completeTraining } from "./complete-training.js";

const amount = real({ least: 0 });
const steps = whole(1);

const settings = record({
  batch: whole(1),
  generatorBatch: nullable(whole(1)),
  discriminatorSteps: whole(1),
  accumulation: whole(1),
  learningRate: record({ generator: amount, discriminator: amount }),
  warmupSteps: whole(0),
  schedule: kinds({ constant: {}, linear: { steps }, cosine: { steps } }),
  betas: list(real({ least: 0, below: 1 }), { length: 2 }),
  clipNorm: nullable(real({ above: 0 })),
  loss: text,
  penalties: list(
    kinds({
      r1: { gamma: amount, every: steps },
      r2: { gamma: amount, every: steps },
      "gradient-penalty": { weight: amount, target: amount, every: steps },
      diversity: { weight: amount, every: steps },
    }),
  ),
  generatorPenalties: list(
    kinds({ "path-length": { weight: amount, every: steps, decay: amount, batchShrink: whole(1) } }),
  ),
  consistency: nullable(record({ real: amount, fake: amount })),
  latentConsistency: nullable(record({ noise: amount, generator: amount, discriminator: amount })),
  drift: nullable(amount),
  pixels: nullable(record({ cutMix: nullable(record({ consistency: amount, warmupSteps: whole(0) })) })),
  superResolution: nullable(amount),
  augmentation: nullable(text),
  adaptation: nullable(record({ target: real({ above: -1, below: 1 }), images: whole(1), every: steps })),
  average: record({ halfLifeImages: whole(1), rampUp: amount, startImages: amount }),
  mirror: flag,
  precision: oneOf("float32", "float16"),
});

/**
 * Gives back a training config whose numbers make sense.
 *
 * @throws GanymedeError `invalid-config` naming the setting, what it must be and what was got.
 */
export function checkTraining(config: TrainingConfig): TrainingConfig {
  checkSettings(settings, completeTraining(config), "training");
  return config;
}
