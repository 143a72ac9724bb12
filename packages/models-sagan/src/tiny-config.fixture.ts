import type { SaganConfig } from "./config.js";

/** Both networks with attention, at a size that the reference engine runs in milliseconds. */
export const tinyConfig: SaganConfig = {
  imageSize: 8,
  channels: 3,
  classes: 0,
  generator: {
    latentSize: 6,
    widths: [8, 8],
    attention: "sagan",
    attentionAt: [8],
    heads: 1,
    norm: { epsilon: 1e-4, decay: 0.9, finalDecay: 0.9, sampling: "running", tables: "plain" },
    weightNorm: "spectral",
  },
  discriminator: {
    widths: [8, 8],
    halvings: 1,
    attention: "sagan",
    attentionAt: [4],
    heads: 1,
    skip: "plain",
    weightNorm: "spectral",
  },
};

/** The same by class, with normalised tables. */
export const conditionalConfig: SaganConfig = {
  ...tinyConfig,
  classes: 3,
  generator: { ...tinyConfig.generator, norm: { ...tinyConfig.generator.norm, tables: "spectral" } },
};
