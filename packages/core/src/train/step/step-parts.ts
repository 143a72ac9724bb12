import type { Augmentation } from "../../contracts/augmentation.js";
import type { WeightTransform } from "../../contracts/layer.js";
import type { AdversarialLoss } from "../../contracts/loss.js";
import type { AdversarialModel } from "../../contracts/model-family.js";
import type { Penalty } from "../../contracts/penalty.js";
import type { ParamTree } from "../../tree/param-tree.js";
import type { AdamState } from "../optimizer/adam.js";
import { adam } from "../optimizer/adam.js";
import type { Optimizer } from "../optimizer/optimizer.js";
import type { TrainingConfig } from "../training-config.js";

/** The values that vary between methods; a training config names them, the caller resolves the names. */
export interface StepChoices {
  readonly loss: AdversarialLoss;
  readonly penalties: readonly Penalty[];
  /** Of every image that the discriminator sees; null for none. */
  readonly augmentation: Augmentation | null;
}

/** What both phases of a step are made of. */
export interface StepParts<Generator extends ParamTree, Discriminator extends ParamTree> extends StepChoices {
  readonly model: AdversarialModel<Generator, Discriminator>;
  readonly training: TrainingConfig;
  readonly optimizer: Optimizer<AdamState>;
  readonly generatorWeights: WeightTransform<Generator>;
  readonly discriminatorWeights: WeightTransform<Discriminator>;
}

/** A transform that leaves weights as they are. */
function unchanged<Params extends ParamTree>(): WeightTransform<Params> {
  return { init: () => ({}), apply: (params) => params, advance: () => ({}) };
}

export function stepParts<Generator extends ParamTree, Discriminator extends ParamTree>(
  model: AdversarialModel<Generator, Discriminator>,
  training: TrainingConfig,
  choices: StepChoices,
): StepParts<Generator, Discriminator> {
  return {
    ...choices,
    model,
    training,
    optimizer: adam({ betas: training.betas }),
    generatorWeights: model.generatorWeights ?? unchanged(),
    discriminatorWeights: model.discriminatorWeights ?? unchanged(),
  };
}
