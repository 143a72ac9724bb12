import type { Adapter } from "../adapter.js";
import { diffAugmentation } from "./diffaugment.js";
import { duplexLayer, simplexLayer, sinusoids } from "./gansformer-attention.js";
import { discriminator as gansformerDiscriminator } from "./gansformer-discriminator.js";
import { generator as gansformerGenerator, mapping, pathLength } from "./gansformer-generator.js";
import { gradientPenalties } from "./gradient-penalties.js";
import { augmented, localPaper, localPort } from "./local-attention.js";
import { losses } from "./losses.js";
import { metrics } from "./metrics.js";
import { optimizer } from "./optimizer.js";
import { adaCutout, cosineSchedules, movingAdam } from "./r3gan-training.js";
import { plainSagan, pooledSagan } from "./sagan-attention.js";
import { discriminatorNetwork, generatorNetwork } from "./sagan-networks.js";
import { favor, fullQk, lshAttention, reversibleBlock } from "./sequence-attention.js";
import { persistentSpectralNorm, spectralNorms } from "./spectral-norm.js";
import { convolutions } from "./stylegan2-convolutions.js";
import { discriminator } from "./stylegan2-discriminator.js";
import {
  bandMaskAttention,
  noiseAttention,
  relativeAttention,
  relativeIndices,
  tokenPixelNorm,
} from "./transgan-attention.js";
import {
  crossAttentionBlock,
  enlargements,
  gridStage,
  singleBlock,
  discriminatorNetwork as transganDiscriminator,
  generatorNetwork as transganGenerator,
} from "./transgan-networks.js";
import { cutMixLosses } from "./unet-losses.js";
import { releaseDotProduct, releaseL2, tiedL2 } from "./vitgan-attention.js";
import { block, generator } from "./vitgan-generator.js";
import { fourierModconv, isn, sln } from "./vitgan-parts.js";

/** By the `module` of a file. */
export const adapters: Readonly<Record<string, Adapter>> = {
  "attention/augmented-conv": augmented,
  "attention/favor": favor,
  "attention/full-qk": fullQk,
  "attention/local": localPaper,
  "attention/local-per-channel": localPort,
  "attention/lsh": lshAttention,
  "attention/reversible": reversibleBlock,
  diffaugment: diffAugmentation,
  "gansformer/discriminator": gansformerDiscriminator,
  "gansformer/duplex": duplexLayer,
  "gansformer/generator": gansformerGenerator,
  "gansformer/mapping": mapping,
  "gansformer/path-length": pathLength,
  "gansformer/simplex": simplexLayer,
  "gansformer/sinus-encoding": sinusoids,
  "gradient-penalties": gradientPenalties,
  losses,
  "losses/unet-cutmix": cutMixLosses,
  metrics,
  "optim/adam-ema-clip": optimizer,
  "r3gan/ada-cutout": adaCutout,
  "r3gan/adam": movingAdam,
  "r3gan/schedule": cosineSchedules,
  "sagan/attention-plain": plainSagan,
  "sagan/attention-pooled": pooledSagan,
  "sagan/discriminator": discriminatorNetwork,
  "sagan/generator": generatorNetwork,
  "sagan/spectral-norm": spectralNorms,
  "sagan/spectral-norm-persistent": persistentSpectralNorm,
  "stylegan2/conv-ops": convolutions,
  "stylegan2/discriminator": discriminator,
  "transgan/band-mask-attention": bandMaskAttention,
  "transgan/block": singleBlock,
  "transgan/crossattn-grid-block": crossAttentionBlock,
  "transgan/discriminator": transganDiscriminator,
  "transgan/generator": transganGenerator,
  "transgan/grid-stage": gridStage,
  "transgan/noise-attention": noiseAttention,
  "transgan/pixelnorm": tokenPixelNorm,
  "transgan/relpos-attention": relativeAttention,
  "transgan/relpos-index": relativeIndices,
  "transgan/upsample": enlargements,
  "vitgan/dot-attention": releaseDotProduct,
  "vitgan/fourier-modconv": fourierModconv,
  "vitgan/g-block": block,
  "vitgan/generator": generator,
  "vitgan/isn": isn,
  "vitgan/l2-attention": releaseL2,
  "vitgan/l2-attention-tied": tiedL2,
  "vitgan/sln": sln,
};
