import type { ModelFamily, Scheduled } from "@ganymede/core";
import { gansformerFamily } from "@ganymede/models-gansformer";
import { saganFamily } from "@ganymede/models-sagan";
import { skinnyFamily } from "@ganymede/models-skinny";
import { transganFamily } from "@ganymede/models-transgan";
import type { CompleteTraining, RefRecord } from "@ganymede/training";
import { completeTraining } from "@ganymede/training";

/** One training iteration of a preset, as both engines run it. */
export interface FamilySettings {
  readonly preset: string;
  readonly batch: number;
  readonly threads: number;
}

const families = [saganFamily, transganFamily, gansformerFamily, skinnyFamily] as unknown as ModelFamily[];

/**
 * The family, model and training of a preset, brought to what PyTorch's side (bench/pytorch/iteration.py) does too: one update of each
 * network, every penalty at every step, DiffAugment or none, logits of images only.
 */
export function familyCase({ preset: id, batch }: FamilySettings) {
  const family = families.find(({ presets }) => presets.some((preset) => preset.id === id)) as ModelFamily;
  const preset = family.presets.find((each) => each.id === id)!;
  const complete = completeTraining(preset.training);
  const pixels = complete.generatorTerms.some((term) => term.id === "pixel-logits");
  const model = pixels ? family.configure(preset.model, { discriminator: { pixels: false } }) : preset.model;
  const penalties = complete.discriminatorTerms.filter((term) => ["r1", "gradient-penalty"].includes(term.id));
  const training: CompleteTraining = {
    ...complete,
    batch,
    generatorBatch: null,
    discriminatorSteps: 1,
    accumulation: 1,
    discriminatorTerms: penalties.map((penalty) => ({ ...penalty, every: 1 })),
    generatorTerms: [],
    augmentation: complete.augmentation === null ? null : { id: "diffaugment" },
  };
  return { family, model, training };
}

/** The step size that an optimizer ends its warm-up with: PyTorch's side has none. */
function rateOf({ learningRate }: RefRecord): number {
  const rate = learningRate as Scheduled;
  return typeof rate === "number" ? rate : Number((rate as RefRecord).to);
}

/** A training config as PyTorch's side reads it. */
export function pytorchTraining({ optimizer, loss, discriminatorTerms, augmentation, ...rest }: CompleteTraining) {
  const { generator, discriminator } = optimizer;
  return {
    ...rest,
    learningRate: { generator: rateOf(generator), discriminator: rateOf(discriminator) },
    betas: [generator.beta1, generator.beta2],
    loss: loss.id,
    penalties: discriminatorTerms.map(({ id, ...settings }) => ({ kind: id, ...settings })),
    augment: augmentation !== null,
  };
}
