import type { Preset, TrainingConfig } from "@ganymede/core";
import type { ScaleConfig, StageConfig, TransganConfig } from "./config.js";
import { adam, blocks, training as shared, shuffled, versionOnePresets } from "./presets-version-one.js";

const colour = { channels: 3, classes: 0 } as const;

const generator = {
  ...blocks,
  attention: "relative",
  latentSize: 512,
  latentNorm: false,
  bottom: 8,
  crossAttention: false,
  locality: null,
  coTraining: false,
} as const;

const discriminator = { ...blocks, attention: "relative", noise: true, kind: "multi-scale", halving: "2x2" } as const;

/** Patches of one side without overlap, and blocks over the whole map. */
function scale(width: number, patchSize: number, depth = 3): ScaleConfig {
  return { width, shrink: 1, patchSize, overlap: false, groups: [{ depth, window: null }] };
}

/** Patches of the given side and of twice it, three quarters and one quarter of the last width. */
function twoScales(width: number, patchSize: number, depth = 3): ScaleConfig[] {
  return [scale((3 * width) / 4, patchSize, depth), scale(width / 4, 2 * patchSize, depth)];
}

/** Two blocks in windows, one over everything. */
const windowed = (window: number): ScaleConfig["groups"] => [
  { depth: 2, window },
  { depth: 1, window: null },
];

/** Three scales as for churches. */
const threeScales = [{ ...scale(288, 4), groups: windowed(16) }, scale(48, 8), scale(48, 16, 4)];

/** Stages of 1024 channels at side 8, by depth and by how the map is enlarged; windows of 16 from side 64 on. */
function wideStages(depths: readonly number[], ways: readonly StageConfig["enlarge"][]): StageConfig[] {
  let width = 1024;
  return ways.map((enlarge, index) => {
    if (enlarge.endsWith("pixel-shuffle")) width /= 4;
    return { width, depth: depths[index] ?? 0, enlarge, window: index < 3 ? null : 16 };
  });
}

const twiceBicubic = ["none", "bicubic", "bicubic", "pixel-shuffle"] as const;

/** Larger generators. */
const wide = { ...generator, norm: "pixel", noise: true } as const;

/** The average of the release, whose half-life and ramp-up count the images of one update of the critic alone. */
function average(discriminatorSteps: number, rampUp: number): TrainingConfig["ema"] {
  return { halfLifeImages: 500_000 * discriminatorSteps, rampUp: rampUp * discriminatorSteps, startImages: 0 };
}

const training: TrainingConfig = {
  ...shared,
  batch: 64,
  generatorBatch: 128,
  discriminatorSteps: 4,
  ema: average(4, 0.1),
};

/** In four parts of 16 images, four updates of the critic a step; the average decays by 0.995 in each. */
const large: TrainingConfig = {
  ...training,
  batch: 16,
  generatorBatch: 32,
  accumulation: 4,
  augmentation: { id: "transgan", policy: ["translation", "erase", "color"] },
  ema: { halfLifeImages: Math.round((4 * 64 * Math.log(0.5)) / Math.log(0.995)), rampUp: 0, startImages: 0 },
};

const paper = "https://arxiv.org/abs/2102.07074";
const release = "https://github.com/VITA-Group/TransGAN";

/** Presets of both versions of the paper. */
export const presets: readonly Preset<TransganConfig>[] = [
  {
    id: "transgan-tiny",
    source: `${paper}, version 2 at a tenth of the width, for a first look on a CPU`,
    model: {
      ...colour,
      imageSize: 32,
      generator: { ...generator, latentSize: 64, stages: shuffled(192, [2, 1, 1], 8) },
      discriminator: { ...discriminator, scales: twoScales(96, 4, 1) },
    },
    training: {
      ...training,
      batch: 32,
      generatorBatch: 32,
      discriminatorSteps: 1,
      optimizer: { generator: adam(4e-4), discriminator: adam(8e-4) },
      ema: { halfLifeImages: 2_000, rampUp: 0.05, startImages: 0 },
    },
  },
  {
    id: "transgan-cifar10",
    source: `${paper}, table 2, CIFAR-10; ${release}, exps/cifar_train.py`,
    model: {
      ...colour,
      imageSize: 32,
      generator: { ...generator, latentSize: 256, stages: shuffled(1024, [5, 4, 2]) },
      discriminator: { ...discriminator, scales: twoScales(384, 2) },
    },
    training,
  },
  {
    id: "transgan-stl10",
    source: `${paper}, table 2, STL-10 at 48x48; ${release}, exps/stl_train.py`,
    model: {
      ...colour,
      imageSize: 48,
      generator: { ...generator, norm: "pixel", bottom: 12, stages: shuffled(1024, [7, 5, 3]) },
      discriminator: { ...discriminator, norm: "pixel", scales: twoScales(384, 2) },
    },
    training: {
      ...training,
      batch: 32,
      generatorBatch: 64,
      discriminatorSteps: 5,
      augmentation: { id: "transgan", policy: ["translation", "stl-erase", "color"] },
      ema: average(5, 0.05),
    },
  },
  {
    id: "transgan-celeba64",
    source: `${paper}, for CelebA at 64x64; no script was released, so the sizes are ours`,
    model: {
      ...colour,
      imageSize: 64,
      generator: { ...generator, norm: "pixel", stages: shuffled(1024, [5, 4, 2, 2], 16) },
      discriminator: { ...discriminator, scales: twoScales(384, 4) },
    },
    training: { ...training, batch: 32, generatorBatch: 64 },
  },
  {
    id: "transgan-celeba128",
    source: `${paper}, table 2, CelebA at 128x128; no script was released, so the sizes are ours`,
    model: {
      ...colour,
      imageSize: 128,
      generator: {
        ...wide,
        stages: wideStages([5, 4, 4, 4, 4], ["none", "bicubic", "pixel-shuffle", "pixel-shuffle", "pixel-shuffle"]),
      },
      discriminator: { ...discriminator, noise: false, scales: threeScales },
    },
    training: large,
  },
  {
    id: "transgan-celebahq256",
    source: `${paper}, table 3, CelebA-HQ at 256x256; ${release}, exps/celeba_hq_256_train.py`,
    model: {
      ...colour,
      imageSize: 256,
      generator: {
        ...wide,
        crossAttention: true,
        stages: wideStages([0, 4, 4, 4, 4, 4], [...twiceBicubic, "smooth-pixel-shuffle", "smooth-pixel-shuffle"]),
      },
      discriminator: {
        ...discriminator,
        attention: "dot-product",
        noise: false,
        scales: [
          { ...scale(96, 2), overlap: true, groups: [{ depth: 3, window: 4 }] },
          { ...scale(96, 4), groups: windowed(4) },
          scale(192, 8, 4),
        ],
      },
    },
    training: {
      ...large,
      augmentation: { id: "transgan", policy: ["filter", "translation", "erase", "color", "hue"] },
    },
  },
  {
    id: "transgan-church256",
    source: `${paper}, table 3, LSUN churches at 256x256; ${release}, exps/church_256_train.py`,
    model: {
      ...colour,
      imageSize: 256,
      generator: {
        ...wide,
        stages: wideStages([5, 4, 4, 4, 4, 4], [...twiceBicubic, "pixel-shuffle", "pixel-shuffle"]),
      },
      discriminator: { ...discriminator, noise: false, scales: threeScales },
    },
    training: large,
  },
  ...versionOnePresets,
];
