import type { Preset, TrainingConfig } from "@ganymede/core";
import type { BipartiteConfig, DiscriminatorConfig, GansformerConfig, GeneratorConfig } from "./config.js";

const paper = "https://arxiv.org/abs/2103.01209";
const release = "https://github.com/dorarad/gansformer, `--ganformer-default`";

/** The release's attention: duplex with learned centroids, scaling what it reads, at every map up to side 128. */
const duplex: BipartiteConfig = {
  kind: "bipartite",
  variant: "duplex",
  components: 16,
  heads: 1,
  integration: "multiply",
  norm: "layer",
  centroids: "learned",
  rounds: 1,
  position: { kind: "sinusoidal", directions: 2 },
  latentPositions: true,
  gates: { pixels: false, latents: false },
  dropout: 0.12,
  betweenLatents: true,
  from: 4,
  to: 128,
  componentDropout: 0,
  componentMixing: 0,
};

const channels = { channelBase: 32768, channelMax: 512, architecture: "residual", blurTaps: [1, 3, 3, 1] } as const;

const generator: GeneratorConfig = {
  ...channels,
  latentWidth: 32,
  mapping: { layers: 8, residual: true, multiplier: 0.01 },
  style: true,
  noise: true,
  attention: duplex,
  styleMixing: 0.9,
};

const discriminator: DiscriminatorConfig = {
  ...channels,
  minibatchStdDev: { groupSize: 4, features: 1 },
  attention: { kind: "none" },
};

/** CLEVR: 8 components of 16 numbers, no style; without attention between latents, whose positions duplex attention never asks for. */
const clevrGenerator: GeneratorConfig = {
  ...generator,
  latentWidth: 16,
  style: false,
  attention: { ...duplex, components: 8, betweenLatents: false, latentPositions: false },
};

const shared: GansformerConfig = { imageSize: 256, channels: 3, classes: 0, generator, discriminator };

const adam = { id: "adam", learningRate: 0.002, beta1: 0, beta2: 0.99 };

/** Rates and decays are the release's without its correction for lazy regularisation, which belongs to a step of its own. */
const training = (gamma: number, mirror = true): TrainingConfig => ({
  batch: 32,
  optimizer: { generator: adam, discriminator: adam },
  loss: "non-saturating",
  discriminatorTerms: [{ id: "r1", gamma, every: 16 }],
  ema: { halfLifeImages: 10_000, rampUp: 0, startImages: 0 },
  mirror,
});

const atEverySize = (name: string, model: GansformerConfig, training: TrainingConfig): Preset<GansformerConfig>[] =>
  [64, 128, 256].map((imageSize) => ({
    id: `gansformer-${name}-${imageSize}`,
    source: imageSize === 256 ? `${paper}, table 1; ${release}` : `${release}, at ${imageSize} pixels`,
    model: { ...model, imageSize },
    training,
  }));

/** A twelfth of the channels: 32-pixel images on a CPU. */
const tinyChannels = { channelBase: 1024, channelMax: 64 };

export const presets: readonly Preset<GansformerConfig>[] = [
  {
    id: "gansformer-tiny",
    source: `${paper}, the release's settings with few channels, for a first look on a CPU`,
    model: {
      ...shared,
      imageSize: 32,
      generator: {
        ...generator,
        ...tinyChannels,
        latentWidth: 16,
        mapping: { ...generator.mapping, layers: 4 },
        attention: { ...duplex, components: 8, from: 8, to: 16 },
      },
      discriminator: { ...discriminator, ...tinyChannels },
    },
    // R1 grows with pixels per image of the batch (Karras et al. 2020, arXiv 2006.06676, appendix C); 1 and DiffAugment learned slower here.
    training: { ...training(0.02), ema: { halfLifeImages: 2_000, rampUp: 0.05, startImages: 0 } },
  },
  ...atEverySize("clevr", { ...shared, generator: clevrGenerator }, training(40)),
  ...atEverySize("ffhq", shared, training(10)),
  ...atEverySize("bedrooms", shared, training(100, false)),
  ...atEverySize("cityscapes", shared, training(20)),
  {
    id: "stylegan2-256",
    source: "https://arxiv.org/abs/1912.04958, the same code without components; 512-wide w, mapping of 8 layers",
    model: {
      ...shared,
      generator: {
        ...generator,
        latentWidth: 512,
        mapping: { layers: 7, residual: false, multiplier: 0.01 },
        architecture: "skip",
        attention: { kind: "none" },
      },
    },
    training: {
      ...training(10),
      generatorTerms: [{ id: "path-length", weight: 2, every: 4, decay: 0.01, batchShrink: 2 }],
    },
  },
];
