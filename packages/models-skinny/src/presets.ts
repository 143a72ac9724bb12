import type { Preset, TrainingConfig } from "@ganymede/core";
import type { GeneratorConfig, SkinnyConfig, UnetDiscriminatorConfig } from "./config.js";

const source = "our own, after https://github.com/shawwn/tensorfork/issues/31";

/** The paper's local attention with what makes it learn here: a mask at the border, small logits, and an output map. */
const local = { id: "local", kernel: 7, border: "masked", scaled: true, output: true };
const windows = { id: "grid", window: 8 };

const generator: GeneratorConfig = {
  styleWidth: 256,
  mapping: { layers: 4, multiplier: 0.01 },
  tokens: 64,
  noiseWidth: 0,
  styleInput: "modulation",
  styleMixing: 0,
  mlpRatio: 4,
  stack: { width: 256, count: 12, mixing: "dot-product", heads: 8, reversible: false },
  coarse: { side: 16, width: 128, count: 1, mixing: local, heads: 4, reversible: false },
  fine: { width: 64, count: 1, mixing: local, heads: 4, reversible: false },
};

const discriminator: UnetDiscriminatorConfig = {
  kind: "attention-unet",
  patchSize: 4,
  overlap: false,
  width: 96,
  merges: 2,
  blocks: 2,
  headWidth: 32,
  mlpRatio: 4,
  mixing: windows,
  globalAttention: "dot-product",
  pixels: true,
  weightNorm: "none",
};

const adam = (learningRate: number, warmUp: number) => ({
  id: "adam",
  learningRate: { id: "warm-up", to: learningRate, steps: warmUp },
  beta1: 0,
  beta2: 0.99,
});

/** R1's gamma is 0.1 at 32 pixels and grows with their number. */
const r1 = (imageSize: number) => ({ id: "r1", gamma: 0.1 * (imageSize / 32) ** 2, every: 16 });

function training(imageSize: number): TrainingConfig {
  return {
    batch: 64,
    optimizer: { generator: adam(0.001, 3000), discriminator: adam(0.001, 3000) },
    clipNorm: 5,
    loss: "non-saturating",
    discriminatorTerms: [
      "pixel-logits",
      { id: "cut-mix", weight: { id: "linear", from: 0, to: 1, steps: 20_000 }, consistency: 1 },
      r1(imageSize),
    ],
    generatorTerms: ["pixel-logits"],
    augmentation: "diffaugment",
    ema: { halfLifeImages: 500_000, rampUp: 0.05, startImages: 0 },
    mirror: true,
  };
}

const model: SkinnyConfig = { imageSize: 32, channels: 3, classes: 0, generator, discriminator };

export const presets: readonly Preset<SkinnyConfig>[] = [
  {
    id: "skinny-tiny",
    source: `${source}, small and with cheap mixing, for a first look on a CPU`,
    model: {
      ...model,
      generator: {
        ...generator,
        styleWidth: 64,
        mapping: { layers: 2, multiplier: 0.01 },
        tokens: 16,
        stack: { ...generator.stack, width: 64, count: 6, heads: 4 },
        coarse: { ...generator.coarse, width: 48, heads: 4, mixing: "dot-product" },
        fine: { ...generator.fine, width: 24, heads: 2, mixing: windows },
      },
      discriminator: { ...discriminator, width: 32, merges: 1, blocks: 1, headWidth: 16 },
    },
    training: {
      ...training(32),
      batch: 32,
      // In its first 60,000 images the generator fell behind with equal rates, CutMix and DiffAugment.
      optimizer: { generator: adam(0.003, 100), discriminator: adam(0.001, 100) },
      discriminatorTerms: ["pixel-logits", r1(32)],
      augmentation: null,
      ema: { halfLifeImages: 2_000, rampUp: 0.05, startImages: 0 },
    },
  },
  { id: "skinny-32", source: `${source}, 32x32`, model, training: training(32) },
  {
    id: "skinny-64",
    source: `${source}, 64x64`,
    model: {
      ...model,
      imageSize: 64,
      generator: {
        ...generator,
        stack: { ...generator.stack, count: 16 },
        coarse: { ...generator.coarse, side: 32, count: 2 },
      },
    },
    training: training(64),
  },
  {
    id: "skinny-256",
    source: `${source}, 256x256, an experiment: one pass of LSH attention over all pixels`,
    model: {
      ...model,
      imageSize: 256,
      generator: {
        ...generator,
        tokens: 256,
        stack: { ...generator.stack, width: 512, count: 24, reversible: true },
        coarse: { ...generator.coarse, side: 64, width: 256, count: 2 },
        fine: { ...generator.fine, mixing: "lsh" },
      },
    },
    training: { ...training(256), batch: 16, accumulation: 4 },
  },
];
