import type { SkinnyConfig } from "./config.js";

const blocks = { count: 1, heads: 2, reversible: false } as const;

/** Every part at a size that the reference engine runs in milliseconds. */
export const tinyConfig: SkinnyConfig = {
  imageSize: 8,
  channels: 3,
  classes: 0,
  generator: {
    styleWidth: 8,
    mapping: { layers: 2, multiplier: 0.01 },
    tokens: 4,
    noiseWidth: 0,
    styleInput: "modulation",
    styleMixing: 0,
    mlpRatio: 2,
    stack: { ...blocks, width: 8, count: 2, mixing: "dot-product" },
    coarse: {
      ...blocks,
      side: 4,
      width: 8,
      mixing: { id: "local", kernel: 3, border: "masked", scaled: true, output: true },
    },
    fine: { ...blocks, width: 4, mixing: "axial" },
  },
  discriminator: {
    kind: "attention-unet",
    patchSize: 2,
    overlap: false,
    width: 8,
    merges: 1,
    blocks: 1,
    headWidth: 4,
    mlpRatio: 2,
    mixing: { id: "grid", window: 2 },
    globalAttention: "dot-product",
    pixels: true,
    weightNorm: "none",
  },
};

export const setQueries = {
  kind: "set-queries",
  patchSize: 2,
  overlap: true,
  width: 8,
  depth: 1,
  decoderDepth: 1,
  queries: 3,
  headWidth: 4,
  mlpRatio: 2,
  attention: "l2",
  pool: "logsumexp",
  weightNorm: "improved-spectral",
} as const;

export const convolutional = {
  kind: "convolutional-unet",
  channels: [4, 6],
  pixels: true,
  weightNorm: "spectral",
} as const;
