import type { Preset, TrainingConfig } from "@ganymede/core";
import type { DiscriminatorConfig, GeneratorConfig, NormConfig, SaganConfig } from "./config.js";

/** The authors' code: statistics of the batch in sampling too, tables that are not normalised. */
const officialNorm: NormConfig = {
  epsilon: 1e-5,
  decay: 0.999,
  finalDecay: 0.9999,
  sampling: "batch",
  tables: "plain",
};

/** PyTorch-StudioGAN's. */
const portNorm: NormConfig = { epsilon: 1e-4, decay: 0.9, finalDecay: 0.9, sampling: "running", tables: "spectral" };

const generator = { latentSize: 128, attention: "sagan", heads: 1, weightNorm: "spectral" } as const;

const discriminator = { attention: "sagan", heads: 1, skip: "plain", weightNorm: "spectral" } as const;

/** 32x32: three blocks up, of four down the first two halve. */
function small(width: number, norm: NormConfig): Pick<SaganConfig, "generator" | "discriminator"> {
  const up: GeneratorConfig = { ...generator, widths: Array(4).fill(2 * width), attentionAt: [16], norm };
  const down: DiscriminatorConfig = { ...discriminator, widths: Array(4).fill(width), halvings: 2, attentionAt: [16] };
  return { generator: up, discriminator: down };
}

const adam = (learningRate: number, beta1 = 0, beta2 = 0.9) => ({ id: "adam", learningRate, beta1, beta2 });

/** Two time scales, one discriminator step for each of the generator; the authors keep no average, and a half-life of one image is none. */
const twoTimeScales: TrainingConfig = {
  batch: 256,
  optimizer: { generator: adam(1e-4, 0, 0.999), discriminator: adam(4e-4, 0, 0.999) },
  loss: "hinge",
  ema: { halfLifeImages: 1, rampUp: 0, startImages: 0 },
};

const paper = "https://arxiv.org/abs/1805.08318";

export const presets: readonly Preset<SaganConfig>[] = [
  {
    id: "sagan-tiny",
    source: `${paper}, at a quarter of the width, for a first look on a CPU`,
    model: { imageSize: 32, channels: 3, classes: 0, ...small(32, { ...portNorm, tables: "plain" }) },
    training: {
      ...twoTimeScales,
      batch: 32,
      optimizer: { generator: adam(2e-4), discriminator: adam(8e-4) },
      ema: { halfLifeImages: 2_000, rampUp: 0.05, startImages: 0 },
      mirror: true,
    },
  },
  {
    id: "sagan-cifar10",
    source: "https://github.com/POSTECH-CVLab/PyTorch-StudioGAN, SAGAN for CIFAR-10",
    model: { imageSize: 32, channels: 3, classes: 10, ...small(128, portNorm) },
    training: {
      ...twoTimeScales,
      batch: 64,
      discriminatorSteps: 5,
      optimizer: { generator: adam(2e-4, 0.5, 0.999), discriminator: adam(2e-4, 0.5, 0.999) },
      mirror: true,
    },
  },
  {
    id: "sagan-imagenet128",
    source: `${paper}, table 1; https://github.com/brain-research/self-attention-gan`,
    model: {
      imageSize: 128,
      channels: 3,
      classes: 1000,
      generator: { ...generator, widths: [1024, 1024, 512, 256, 128, 64], attentionAt: [32], norm: officialNorm },
      discriminator: { ...discriminator, widths: [64, 128, 256, 512, 1024, 1024], halvings: 5, attentionAt: [32] },
    },
    training: twoTimeScales,
  },
  {
    id: "sagan-celeba64",
    source: `${paper}, the networks at 64x64, without classes; widths as in PyTorch-StudioGAN`,
    model: {
      imageSize: 64,
      channels: 3,
      classes: 0,
      generator: { ...generator, widths: [1024, 512, 256, 128, 64], attentionAt: [32], norm: portNorm },
      discriminator: { ...discriminator, widths: [64, 128, 256, 512, 1024], halvings: 4, attentionAt: [32] },
    },
    training: {
      ...twoTimeScales,
      batch: 64,
      optimizer: { generator: adam(1e-4), discriminator: adam(4e-4) },
      ema: { halfLifeImages: 10_000, rampUp: 0.05, startImages: 0 },
      mirror: true,
    },
  },
];
