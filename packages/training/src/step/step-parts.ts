import type {
  AdversarialLoss,
  AdversarialModel,
  Augmentation,
  GeneratorPenalty,
  ParamTree,
  Penalty,
  TrainingConfig,
  WeightTransform,
} from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { checkTraining } from "../check-training.js";
import type { CompleteTraining } from "../complete-training.js";
import { completeTraining } from "../complete-training.js";
import type { AdamState } from "../optimizer/adam.js";
import { adam } from "../optimizer/adam.js";
import type { Optimizer } from "../optimizer/optimizer.js";

/** The values that vary between methods; a training config names them, the caller resolves the names. */
export interface StepChoices {
  readonly loss: AdversarialLoss;
  readonly penalties: readonly Penalty[];
  /** None where left out. */
  readonly generatorPenalties?: readonly GeneratorPenalty[];
  /** Of every image that the discriminator sees; null for none. */
  readonly augmentation: Augmentation | null;
}

/** What both phases of a step are made of. */
export interface StepParts<Generator extends ParamTree, Discriminator extends ParamTree> extends Required<StepChoices> {
  readonly model: AdversarialModel<Generator, Discriminator>;
  readonly training: CompleteTraining;
  readonly optimizer: Optimizer<AdamState>;
  readonly generatorWeights: WeightTransform<Generator>;
  readonly discriminatorWeights: WeightTransform<Discriminator>;
  /** True when the generator's phase needs real images. */
  readonly generatorSeesReal: boolean;
}

/** A transform that leaves weights as they are. */
function unchanged<Params extends ParamTree>(): WeightTransform<Params> {
  return { init: () => ({}), apply: (params) => params, advance: () => ({}) };
}

function demand(holds: boolean, rule: string): void {
  if (!holds) throw new GanymedeError("unsupported", `training: ${rule}`);
}

function expectFitting(model: AdversarialModel, training: CompleteTraining, choices: Required<StepChoices>): void {
  const { generatorBatch, batch } = training;
  demand(
    training.superResolution === null || model.superResolution !== undefined,
    "superResolution needs a generator that can start from small images, but this model's cannot; set it to null",
  );
  demand(
    training.pixels === null || model.pixels !== undefined,
    "pixels needs a discriminator with logits per pixel, but this model's has none; set it to null",
  );
  demand(
    model.queries !== undefined || choices.penalties.every(({ readsQueries }) => readsQueries !== true),
    "a diversity penalty needs a discriminator of learned queries, but this model's has none; leave it out",
  );
  demand(
    choices.generatorPenalties.length === 0 || model.styles?.layers !== undefined,
    "a path-length penalty needs a generator with styles per layer, but this model has none; leave it out",
  );
  demand(
    training.adaptation === null || choices.augmentation?.adaptive === true,
    `adaptation needs an adaptive augmentation, but "${training.augmentation ?? "none"}" is not; name one that is, or set adaptation to null`,
  );
  demand(
    choices.loss.generatorSeesReal !== true || generatorBatch === null || generatorBatch === batch,
    `the loss "${choices.loss.id}" compares real and generated images in pairs, so generatorBatch must equal batch, got ${generatorBatch} and ${batch}`,
  );
}

/**
 * Checks a training config against its model and puts together what its steps need.
 *
 * @throws GanymedeError `invalid-config` for a setting out of its range, `unsupported` for one that the model cannot follow.
 */
export function stepParts<Generator extends ParamTree, Discriminator extends ParamTree>(
  model: AdversarialModel<Generator, Discriminator>,
  config: TrainingConfig,
  chosen: StepChoices,
): StepParts<Generator, Discriminator> {
  const training = completeTraining(checkTraining(config));
  const choices = { generatorPenalties: [], ...chosen };
  expectFitting(model as unknown as AdversarialModel, training, choices);
  return {
    ...choices,
    model,
    training,
    optimizer: adam({ betas: training.betas }),
    generatorWeights: model.generatorWeights ?? unchanged(),
    discriminatorWeights: model.discriminatorWeights ?? unchanged(),
    generatorSeesReal: choices.loss.generatorSeesReal === true || training.superResolution !== null,
  };
}
