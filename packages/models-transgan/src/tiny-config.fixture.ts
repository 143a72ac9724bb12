import type { TransganConfig } from "./config.js";

const blocks = {
  heads: 2,
  mlpRatio: 2,
  norm: "layer",
  activation: "gelu",
  attention: "relative",
  noise: true,
} as const;

/** Version 2 with all its parts, at a size that the reference engine runs in milliseconds. */
export const tinyConfig: TransganConfig = {
  imageSize: 8,
  channels: 3,
  classes: 0,
  generator: {
    ...blocks,
    latentSize: 6,
    latentNorm: true,
    bottom: 2,
    stages: [
      { width: 16, depth: 1, enlarge: "none", window: null },
      { width: 16, depth: 1, enlarge: "bicubic", window: null },
      { width: 4, depth: 2, enlarge: "smooth-pixel-shuffle", window: 4 },
    ],
    crossAttention: true,
    locality: null,
    coTraining: false,
  },
  discriminator: {
    ...blocks,
    kind: "multi-scale",
    halving: "2x2",
    scales: [
      { width: 6, shrink: 1, patchSize: 2, overlap: true, groups: [{ depth: 1, window: 2 }] },
      { width: 2, shrink: 1, patchSize: 4, overlap: false, groups: [{ depth: 1, window: null }] },
    ],
  },
};

/** Version 1 with all its parts. */
export const versionOneConfig: TransganConfig = {
  imageSize: 8,
  channels: 3,
  classes: 0,
  generator: {
    ...blocks,
    attention: "dot-product",
    noise: false,
    latentSize: 6,
    latentNorm: false,
    bottom: 4,
    stages: [
      { width: 16, depth: 1, enlarge: "none", window: null },
      { width: 4, depth: 1, enlarge: "pixel-shuffle", window: null },
    ],
    crossAttention: false,
    locality: { mask: "band1d", schedule: [{ before: 2, width: 3 }] },
    coTraining: true,
  },
  discriminator: {
    ...blocks,
    attention: "dot-product",
    noise: false,
    kind: "single-scale",
    width: 8,
    depth: 2,
    patchSize: 4,
  },
};
