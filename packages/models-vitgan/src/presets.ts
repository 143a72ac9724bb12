import type { Preset, TrainingConfig } from "@ganymede/core";
import type { GeneratorConfig, TransformerConfig, VitganConfig } from "./config.js";

/** ViT-Small with 6 heads, the width of both networks in the paper. */
const small = { width: 384, depth: 4, heads: 6, mlpWidth: 1536 };

const generator: GeneratorConfig = {
  ...small,
  latentSize: 384,
  mappingLayers: 8,
  mappingMultiplier: 0.01,
  patchSize: 4,
  attention: "dot-product",
  headWidth: null,
  form: "paper",
  normEpsilon: 1e-6,
  latentInput: "modulation",
  output: { kind: "implicit", hidden: [384], mappingLayers: 0, noise: false },
  weightNorm: "none",
};

const discriminator: TransformerConfig = {
  ...small,
  kind: "transformer",
  patchSize: 4,
  overlap: true,
  attention: "l2",
  weightNorm: "improved-spectral",
};

const adam = { id: "adam", learningRate: 0.002, beta1: 0, beta2: 0.99 };

const releaseAdam = { ...adam, learningRate: { id: "warm-up", to: 0.001, steps: 3000 } };

/** Section 5 and appendix A of the paper; the half-life is StyleGAN2's, which the paper follows without naming a number. */
const paperTraining: TrainingConfig = {
  batch: 128,
  optimizer: { generator: adam, discriminator: adam },
  loss: "non-saturating",
  discriminatorTerms: [{ id: "consistency", real: 10, fake: 10 }],
  augmentation: "diffaugment",
  ema: { halfLifeImages: 10_000, rampUp: 0.05, startImages: 0 },
  mirror: true,
};

const paper32: VitganConfig = { imageSize: 32, channels: 3, classes: 0, generator, discriminator };

/** 64-pixel data: 6 blocks, and patches of 8 keep 64 tokens. */
const paper64: VitganConfig = {
  ...paper32,
  imageSize: 64,
  generator: { ...generator, depth: 6, patchSize: 8 },
  discriminator: { ...discriminator, depth: 6, patchSize: 8 },
};

const tiny = { width: 96, depth: 2, heads: 4, mlpWidth: 384 };

const paper = "https://arxiv.org/abs/2107.04589";

/** Presets of the paper's form and of the authors' release. */
export const presets: readonly Preset<VitganConfig>[] = [
  {
    id: "vitgan-tiny",
    source: `${paper}, the paper's form at a quarter of its width, for a first look on a CPU`,
    model: {
      ...paper32,
      generator: {
        ...generator,
        ...tiny,
        latentSize: 64,
        mappingLayers: 2,
        output: { kind: "implicit", hidden: [96], mappingLayers: 0, noise: false },
      },
      discriminator: { ...discriminator, ...tiny },
    },
    training: {
      ...paperTraining,
      batch: 32,
      discriminatorTerms: [],
      ema: { halfLifeImages: 2_000, rampUp: 0.05, startImages: 0 },
    },
  },
  { id: "vitgan-cifar10", source: `${paper}, table 1, CIFAR-10`, model: paper32, training: paperTraining },
  { id: "vitgan-celeba64", source: `${paper}, table 1, CelebA 64x64`, model: paper64, training: paperTraining },
  { id: "vitgan-lsun64", source: `${paper}, table 1, LSUN bedroom 64x64`, model: paper64, training: paperTraining },
  {
    id: "vitgan-cifar10-release",
    source: "https://github.com/mlpc-ucsd/ViTGAN, the command for CIFAR-10",
    model: {
      ...paper32,
      generator: {
        ...generator,
        attention: "vitgan-release-l2",
        form: "release",
        normEpsilon: 1e-3,
        output: { kind: "implicit", hidden: [512, 512, 512], mappingLayers: 4, noise: true },
        weightNorm: "release-spectral",
      },
      discriminator: {
        kind: "residual",
        channels: [128, 256, 512, 512],
        finalChannels: 512,
        minibatchStdDev: { groupSize: 4, features: 1 },
        blurTaps: [1, 3, 3, 1],
      },
    },
    training: {
      ...paperTraining,
      batch: 64,
      optimizer: { generator: releaseAdam, discriminator: releaseAdam },
      discriminatorTerms: [
        { id: "r1", gamma: 0.1 },
        { id: "consistency", real: 1, fake: 1 },
      ],
      augmentation: {
        id: "diffaugment",
        policy: ["color", "translation", "mirror", "cutout"],
        probability: { color: 0.8, translation: 0.8, mirror: 0.45, cutout: 0.3 },
      },
      ema: { halfLifeImages: 1_000_000, rampUp: 0, startImages: 1_000_000 },
    },
  },
];
