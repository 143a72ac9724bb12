import type { VitganConfig } from "./config.js";

/** The paper's form at a size that the reference engine runs in milliseconds. */
export const tinyConfig: VitganConfig = {
  imageSize: 8,
  channels: 3,
  classes: 0,
  generator: {
    latentSize: 8,
    mappingLayers: 2,
    mappingMultiplier: 0.01,
    patchSize: 4,
    width: 16,
    depth: 1,
    heads: 2,
    mlpWidth: 24,
    attention: "dot-product",
    headWidth: null,
    form: "paper",
    normEpsilon: 1e-6,
    latentInput: "modulation",
    output: { kind: "implicit", hidden: [12], mappingLayers: 0, noise: false },
    weightNorm: "none",
  },
  discriminator: {
    kind: "transformer",
    patchSize: 4,
    overlap: true,
    width: 16,
    depth: 1,
    heads: 2,
    mlpWidth: 24,
    attention: "l2",
    weightNorm: "improved-spectral",
  },
};
