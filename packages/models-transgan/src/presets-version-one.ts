import { localitySchedules } from "@ganymede/attention";
import type { Preset, TrainingConfig } from "@ganymede/core";
import type { StageConfig, TransganConfig } from "./config.js";

/** Blocks of both versions but for their attention. */
export const blocks = { heads: 4, mlpRatio: 4, norm: "layer", activation: "gelu", noise: false } as const;

/** The release's Adam. */
export const adam = (learningRate: number) => ({ id: "adam", learningRate, beta1: 0, beta2: 0.99 });

/** Training of both versions. */
export const training = {
  optimizer: { generator: adam(1e-4), discriminator: adam(1e-4) },
  clipNorm: 5,
  loss: "wasserstein",
  discriminatorTerms: [
    { id: "gradient-penalty", weight: 10, target: 1 },
    { id: "drift", weight: 1e-3 },
  ],
  augmentation: "transgan",
} satisfies Partial<TrainingConfig>;

/** Stages that pixel shuffles double, the first of the given width; attention over the whole map, or in windows in the last. */
export function shuffled(width: number, depths: readonly number[], lastWindow: number | null = null): StageConfig[] {
  return depths.map((depth, index) => {
    const window = index === depths.length - 1 ? lastWindow : null;
    return { width: width / 4 ** index, depth, enlarge: index === 0 ? "none" : "pixel-shuffle", window };
  });
}

const dots = { ...blocks, attention: "dot-product" };

/** Updates of the critic for one of the generator. */
const discriminatorSteps = 5;

const cifar = { imageSize: 32, bottom: 8, images: 50_000, batch: 32, schedule: localitySchedules.cifar10 };
const stl = { imageSize: 48, bottom: 12, images: 105_000, batch: 16, schedule: localitySchedules.cifar10 };
const celeba = { imageSize: 64, bottom: 8, images: 162_770, batch: 16, schedule: localitySchedules.celeba64 };

const sizes = [
  { id: "s", table: "table 5, size S", ...cifar, width: 384, depths: [5, 2, 2] },
  { id: "m", table: "table 5, size M", ...cifar, width: 512, depths: [5, 2, 2] },
  { id: "l", table: "table 5, size L", ...cifar, width: 768, depths: [5, 2, 2] },
  { id: "xl", table: "table 5, size XL", ...cifar, width: 1024, depths: [5, 4, 2] },
  { id: "stl10", table: "STL-10 at 48x48", ...stl, width: 768, depths: [5, 2, 2] },
  { id: "celeba64", table: "CelebA at 64x64", ...celeba, width: 1024, depths: [5, 3, 3, 2] },
];

/** The first version of the paper: single-scale discriminator, absolute positions, local start, co-training by super-resolution. */
export const versionOnePresets: readonly Preset<TransganConfig>[] = sizes.map(
  ({ id, table, imageSize, bottom, images, batch, schedule, width, depths }) => {
    const stepsPerEpoch = images / (batch * discriminatorSteps);
    const steps = schedule.map((entry) => ({ ...entry, before: Math.round(entry.before * stepsPerEpoch) }));
    return {
      id: `transgan-v1-${id}`,
      source: `https://arxiv.org/abs/2102.07074v1, ${table}`,
      model: {
        imageSize,
        channels: 3,
        classes: 0,
        generator: {
          ...dots,
          latentSize: 1024,
          latentNorm: false,
          bottom,
          stages: shuffled(width, depths),
          crossAttention: false,
          locality: { mask: "band1d", schedule: steps },
          coTraining: true,
        },
        discriminator: { ...dots, kind: "single-scale", width: 384, depth: 7, patchSize: 4 },
      },
      training: {
        ...training,
        batch,
        generatorBatch: 2 * batch,
        discriminatorSteps,
        generatorTerms: [{ id: "super-resolution", weight: 50 }],
        ema: { halfLifeImages: 500_000, rampUp: 0.1, startImages: 0 },
      },
    };
  },
);
