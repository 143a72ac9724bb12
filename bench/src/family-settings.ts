import type { ModelFamily } from "@ganymede/core";
import { gansformerFamily } from "@ganymede/models-gansformer";
import { saganFamily } from "@ganymede/models-sagan";
import { skinnyFamily } from "@ganymede/models-skinny";
import { transganFamily } from "@ganymede/models-transgan";
import type { CompleteTraining } from "@ganymede/training";
import { completeTraining } from "@ganymede/training";

/** One training iteration of a preset, as both engines run it. */
export interface FamilySettings {
  readonly preset: string;
  readonly batch: number;
  readonly threads: number;
}

const families = [saganFamily(), transganFamily(), gansformerFamily(), skinnyFamily()] as unknown as ModelFamily[];

/**
 * The family, model and training of a preset, brought to what PyTorch's side (bench/pytorch/iteration.py) does too: one update of each
 * network, every penalty at every step, DiffAugment or none, logits of images only.
 */
export function familyCase({ preset: id, batch }: FamilySettings) {
  const family = families.find(({ presets }) => presets.some((preset) => preset.id === id)) as ModelFamily;
  const preset = family.presets.find((each) => each.id === id)!;
  const pixels = preset.training.pixels != null;
  const model = pixels ? family.configure(preset.model, { discriminator: { pixels: false } }) : preset.model;
  const training: CompleteTraining = {
    ...completeTraining(preset.training),
    batch,
    generatorBatch: null,
    discriminatorSteps: 1,
    accumulation: 1,
    penalties: preset.training.penalties.map((penalty) => ({ ...penalty, every: 1 })),
    generatorPenalties: [],
    drift: null,
    consistency: null,
    pixels: null,
    superResolution: null,
    augmentation: preset.training.augmentation === null ? null : "diffaugment",
  };
  return { family, model, training };
}
