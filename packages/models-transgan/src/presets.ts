import type { Preset, TrainingConfig } from "@ganymede/core";
import type {
  BlockConfig,
  GeneratorConfig,
  MultiScaleConfig,
  ScaleConfig,
  StageConfig,
  TransganConfig,
} from "./config.js";
import { versionOnePresets } from "./presets-version-one.js";
import { shuffled } from "./shuffled.js";

const blocks: BlockConfig = {
  heads: 4,
  mlpRatio: 4,
  norm: "layer",
  activation: "gelu",
  attention: "relative",
  noise: false,
};

const generator: Omit<GeneratorConfig, "latentSize" | "bottom" | "stages"> = {
  ...blocks,
  latentNorm: false,
  crossAttention: false,
  locality: null,
  coTraining: false,
};

const discriminator: Omit<MultiScaleConfig, "scales"> = { ...blocks, kind: "multi-scale", halving: "2x2", noise: true };

/** Patches of one side without overlap, and blocks over the whole map. */
function scale(width: number, patchSize: number, depth = 3): ScaleConfig {
  return { width, shrink: 1, patchSize, overlap: false, groups: [{ depth, window: null }] };
}

/** Patches of the given side and of twice it, three quarters and one quarter of the last width. */
function twoScales(width: number, patchSize: number, depth = 3): ScaleConfig[] {
  return [scale((3 * width) / 4, patchSize, depth), scale(width / 4, 2 * patchSize, depth)];
}

/** Three scales as for churches: attention in windows of 16, then over everything. */
function threeScales(patchSize: number): ScaleConfig[] {
  const first = {
    ...scale(288, patchSize),
    groups: [
      { depth: 2, window: 16 },
      { depth: 1, window: null },
    ],
  };
  return [first, scale(48, 2 * patchSize), scale(48, 4 * patchSize, 4)];
}

/** 1024 channels at 8, 16 and 32, enlarged smoothly, then pixel shuffles; windows of 16 from 64 on. */
function wideStages(depths: readonly number[], enlarge: StageConfig["enlarge"]): StageConfig[] {
  return depths.map((depth, index) => {
    const width = 1024 / 4 ** Math.max(0, index - 2);
    if (index === 0) return { width, depth, enlarge: "none", window: null };
    if (index < 3) return { width, depth, enlarge: "bicubic", window: null };
    return { width, depth, enlarge: index === 3 ? "pixel-shuffle" : enlarge, window: 16 };
  });
}

/** The average of the release, whose half-life and ramp-up count the images of one update of the critic alone. */
function average(discriminatorSteps: number, rampUp: number): TrainingConfig["ema"] {
  return { halfLifeImages: 500_000 * discriminatorSteps, rampUp: rampUp * discriminatorSteps, startImages: 0 };
}

/** A decay of 0.995 in a step of so many images. */
function constantDecay(images: number): TrainingConfig["ema"] {
  return { halfLifeImages: Math.round((images * Math.log(0.5)) / Math.log(0.995)), rampUp: 0, startImages: 0 };
}

const adam = (learningRate: number) => ({ id: "adam", learningRate, beta1: 0, beta2: 0.99 });

const training: TrainingConfig = {
  batch: 64,
  generatorBatch: 128,
  discriminatorSteps: 4,
  optimizer: { generator: adam(1e-4), discriminator: adam(1e-4) },
  clipNorm: 5,
  loss: "wasserstein",
  discriminatorTerms: [
    { id: "gradient-penalty", weight: 10, target: 1 },
    { id: "drift", weight: 1e-3 },
  ],
  augmentation: "transgan",
  ema: average(4, 0.1),
};

/** In four parts of 16 images, four updates of the critic a step. */
const large: TrainingConfig = {
  ...training,
  batch: 16,
  generatorBatch: 32,
  accumulation: 4,
  augmentation: { id: "transgan", policy: ["translation", "erase", "color"] },
  ema: constantDecay(4 * 4 * 16),
};

const paper = "https://arxiv.org/abs/2102.07074";
const release = "https://github.com/VITA-Group/TransGAN";

const versionTwo: readonly Preset<TransganConfig>[] = [
  {
    id: "transgan-tiny",
    source: `${paper}, version 2 at a tenth of the width, for a first look on a CPU`,
    model: {
      imageSize: 32,
      channels: 3,
      classes: 0,
      generator: {
        ...generator,
        latentSize: 64,
        bottom: 8,
        stages: shuffled(192, [2, 1, 1]).map((stage, index) => (index === 2 ? { ...stage, window: 8 } : stage)),
      },
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
      imageSize: 32,
      channels: 3,
      classes: 0,
      generator: { ...generator, latentSize: 256, bottom: 8, stages: shuffled(1024, [5, 4, 2]) },
      discriminator: { ...discriminator, scales: twoScales(384, 2) },
    },
    training,
  },
  {
    id: "transgan-stl10",
    source: `${paper}, table 2, STL-10 at 48x48; ${release}, exps/stl_train.py`,
    model: {
      imageSize: 48,
      channels: 3,
      classes: 0,
      generator: { ...generator, norm: "pixel", latentSize: 512, bottom: 12, stages: shuffled(1024, [7, 5, 3]) },
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
      imageSize: 64,
      channels: 3,
      classes: 0,
      generator: {
        ...generator,
        norm: "pixel",
        latentSize: 512,
        bottom: 8,
        stages: shuffled(1024, [5, 4, 2, 2]).map((stage, index) => (index === 3 ? { ...stage, window: 16 } : stage)),
      },
      discriminator: { ...discriminator, scales: twoScales(384, 4) },
    },
    training: { ...training, batch: 32, generatorBatch: 64 },
  },
  {
    id: "transgan-celeba128",
    source: `${paper}, table 2, CelebA at 128x128; no script was released, so the sizes are ours`,
    model: {
      imageSize: 128,
      channels: 3,
      classes: 0,
      generator: {
        ...generator,
        norm: "pixel",
        noise: true,
        latentSize: 512,
        bottom: 8,
        stages: [
          { width: 1024, depth: 5, enlarge: "none", window: null },
          { width: 1024, depth: 4, enlarge: "bicubic", window: null },
          { width: 256, depth: 4, enlarge: "pixel-shuffle", window: null },
          { width: 64, depth: 4, enlarge: "pixel-shuffle", window: 16 },
          { width: 16, depth: 4, enlarge: "pixel-shuffle", window: 16 },
        ],
      },
      discriminator: { ...discriminator, noise: false, scales: threeScales(4) },
    },
    training: large,
  },
  {
    id: "transgan-celebahq256",
    source: `${paper}, table 3, CelebA-HQ at 256x256; ${release}, exps/celeba_hq_256_train.py`,
    model: {
      imageSize: 256,
      channels: 3,
      classes: 0,
      generator: {
        ...generator,
        norm: "pixel",
        noise: true,
        crossAttention: true,
        latentSize: 512,
        bottom: 8,
        stages: wideStages([0, 4, 4, 4, 4, 4], "smooth-pixel-shuffle"),
      },
      discriminator: {
        ...discriminator,
        attention: "dot-product",
        noise: false,
        scales: [
          { ...scale(96, 2), overlap: true, groups: [{ depth: 3, window: 4 }] },
          {
            ...scale(96, 4),
            groups: [
              { depth: 2, window: 4 },
              { depth: 1, window: null },
            ],
          },
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
      imageSize: 256,
      channels: 3,
      classes: 0,
      generator: {
        ...generator,
        norm: "pixel",
        noise: true,
        latentSize: 512,
        bottom: 8,
        stages: wideStages([5, 4, 4, 4, 4, 4], "pixel-shuffle"),
      },
      discriminator: { ...discriminator, noise: false, scales: threeScales(4) },
    },
    training: large,
  },
];

export const presets: readonly Preset<TransganConfig>[] = [...versionTwo, ...versionOnePresets];
