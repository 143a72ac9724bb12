import type { ModelFamily, Precision, Scheduled } from "@ganymede/core";
import { gansformerFamily } from "@ganymede/models-gansformer";
import { saganFamily } from "@ganymede/models-sagan";
import { skinnyFamily } from "@ganymede/models-skinny";
import { transganFamily } from "@ganymede/models-transgan";
import { vitganFamily } from "@ganymede/models-vitgan";
import type { CompleteTraining, RefRecord } from "@ganymede/training";
import { completeTraining } from "@ganymede/training";
import type { BenchBackend } from "./backend-of.js";

/** A training iteration of a preset, as every side runs it. */
export interface IterationCase {
  readonly preset: string;
  readonly batch: number;
  readonly threads: number;
}

/** The same on one of our engines. */
export interface IterationSettings extends IterationCase {
  readonly backend: BenchBackend;
  readonly precision: Precision;
}

/** How PyTorch or JAX runs it. */
export interface PeerMode {
  /** `bfloat16` is autocast; `bfloat16-products` keeps tensors in float32 and multiplies in bfloat16. */
  readonly precision: "float32" | "bfloat16" | "bfloat16-products" | "float16";
  readonly compile: boolean;
  readonly device: "cpu" | "cuda";
}

const families = [
  saganFamily,
  transganFamily,
  gansformerFamily,
  skinnyFamily,
  vitganFamily,
] as unknown as ModelFamily[];

/** @throws RangeError if no family has such a preset. */
function familyOf(id: string): ModelFamily {
  const family = families.find(({ presets }) => presets.some((preset) => preset.id === id));
  if (family === undefined) {
    const known = families.flatMap(({ presets }) => presets.map((preset) => preset.id));
    throw new RangeError(`bench: --preset must be one of ${known.join(", ")}, got "${id}"`);
  }
  return family;
}

/** Penalties for presets without one, so that gradients of gradients are measured: ViTGAN trains larger images than CIFAR-10's with R1. */
const added: Readonly<Record<string, readonly RefRecord[]>> = { "vitgan-cifar10": [{ id: "r1", gamma: 0.1 }] };

/**
 * The family, model and training of a preset, brought to what the peers (bench/pytorch/iteration.py) do too: one update of each
 * network, every penalty at every step, DiffAugment or none, logits of images only.
 */
export function iterationCase({ preset: id, batch }: IterationCase) {
  const family = familyOf(id);
  const preset = family.presets.find((each) => each.id === id)!;
  const complete = completeTraining(preset.training);
  const pixels = complete.generatorTerms.some((term) => term.id === "pixel-logits");
  const model = pixels ? family.configure(preset.model, { discriminator: { pixels: false } }) : preset.model;
  const own = complete.discriminatorTerms.filter((term) => ["r1", "gradient-penalty"].includes(term.id));
  const penalties = own.length === 0 ? (added[id] ?? []) : own;
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

/** The step size that an optimizer ends its warm-up with: the peers have none. */
function rateOf({ learningRate }: RefRecord): number {
  const rate = learningRate as Scheduled;
  return typeof rate === "number" ? rate : Number((rate as RefRecord).to);
}

/** What the peers' programs (`family_step.py`) read. */
export function peerConfig(settings: IterationCase, mode: PeerMode) {
  const { family, model, training } = iterationCase(settings);
  const { latentSize, imageShape, discriminatorComparesImages } = family.create(model);
  const { optimizer, loss, discriminatorTerms, augmentation, ...rest } = training;
  const { generator, discriminator } = optimizer;
  return {
    ...rest,
    ...mode,
    learningRate: { generator: rateOf(generator), discriminator: rateOf(discriminator) },
    betas: [generator.beta1, generator.beta2],
    loss: loss.id,
    penalties: discriminatorTerms.map(({ id, ...values }) => ({ kind: id, ...values })),
    augment: augmentation !== null,
    family: family.id,
    model,
    latentSize,
    imageShape,
    threads: settings.threads,
    comparesImages: discriminatorComparesImages === true,
  };
}
