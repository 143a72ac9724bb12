import { localitySchedules } from "@ganymede/attention";
import type { Preset, TrainingConfig } from "@ganymede/core";
import type { BlockConfig, TransganConfig } from "./config.js";
import { shuffled } from "./shuffled.js";

const blocks: BlockConfig = {
  heads: 4,
  mlpRatio: 4,
  norm: "layer",
  activation: "gelu",
  attention: "dot-product",
  noise: false,
};

/** Updates of the critic for one of the generator. */
const discriminatorSteps = 5;

/** A schedule of epochs over so many images as one of steps. */
function inSteps(schedule: (typeof localitySchedules)[keyof typeof localitySchedules], images: number, batch: number) {
  const stepsPerEpoch = images / (batch * discriminatorSteps);
  return schedule.map(({ before, width }) => ({ before: Math.round(before * stepsPerEpoch), width }));
}

interface Sizes {
  readonly imageSize: number;
  readonly bottom: number;
  readonly width: number;
  readonly depths: readonly number[];
  /** Images of an epoch. */
  readonly images: number;
  readonly batch: number;
  readonly schedule: keyof typeof localitySchedules;
}

function model({ imageSize, bottom, width, depths, images, batch, schedule }: Sizes): TransganConfig {
  return {
    imageSize,
    channels: 3,
    classes: 0,
    generator: {
      ...blocks,
      latentSize: 1024,
      latentNorm: false,
      bottom,
      stages: shuffled(width, depths),
      crossAttention: false,
      locality: { mask: "band1d", schedule: inSteps(localitySchedules[schedule], images, batch) },
      coTraining: true,
    },
    discriminator: { ...blocks, kind: "single-scale", width: 384, depth: 7, patchSize: 4 },
  };
}

const adam = { id: "adam", learningRate: 1e-4, beta1: 0, beta2: 0.99 };

function training(batch: number): TrainingConfig {
  return {
    batch,
    generatorBatch: 2 * batch,
    discriminatorSteps,
    optimizer: { generator: adam, discriminator: adam },
    clipNorm: 5,
    loss: "wasserstein",
    discriminatorTerms: [
      { id: "gradient-penalty", weight: 10, target: 1 },
      { id: "drift", weight: 1e-3 },
    ],
    generatorTerms: [{ id: "super-resolution", weight: 50 }],
    augmentation: "transgan",
    ema: { halfLifeImages: 500_000, rampUp: 0.1, startImages: 0 },
  };
}

function preset(id: string, table: string, sizes: Sizes): Preset<TransganConfig> {
  const source = `https://arxiv.org/abs/2102.07074v1, ${table}`;
  return { id: `transgan-v1-${id}`, source, model: model(sizes), training: training(sizes.batch) };
}

const cifar = { imageSize: 32, bottom: 8, images: 50_000, batch: 32, schedule: "cifar10" } as const;

/** The first version of the paper: single-scale discriminator, absolute positions, local start, co-training by super-resolution. */
export const versionOnePresets: readonly Preset<TransganConfig>[] = [
  preset("s", "table 5, size S", { ...cifar, width: 384, depths: [5, 2, 2] }),
  preset("m", "table 5, size M", { ...cifar, width: 512, depths: [5, 2, 2] }),
  preset("l", "table 5, size L", { ...cifar, width: 768, depths: [5, 2, 2] }),
  preset("xl", "table 5, size XL", { ...cifar, width: 1024, depths: [5, 4, 2] }),
  preset("stl10", "STL-10 at 48x48", {
    imageSize: 48,
    bottom: 12,
    width: 768,
    depths: [5, 2, 2],
    images: 105_000,
    batch: 16,
    schedule: "cifar10",
  }),
  preset("celeba64", "CelebA at 64x64", {
    imageSize: 64,
    bottom: 8,
    width: 1024,
    depths: [5, 3, 3, 2],
    images: 162_770,
    batch: 16,
    schedule: "celeba64",
  }),
];
