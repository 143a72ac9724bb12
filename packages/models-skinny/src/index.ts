export { createAttentionUnet } from "./attention-unet.js";
export type { BlocksInput, BlocksOptions, BlocksParams } from "./blocks.js";
export { blocks } from "./blocks.js";
export type {
  ConvolutionalDiscriminatorConfig,
  DiscriminatorConfig,
  GeneratorConfig,
  PixelBlocksConfig,
  SetDiscriminatorConfig,
  SkinnyConfig,
  UnetDiscriminatorConfig,
  WeightNorm,
} from "./config.js";
export { createConvolutionalUnet } from "./convolutional-unet.js";
export type { SkinnyOptions } from "./family.js";
export { skinnyFamily } from "./family.js";
export { createGenerator } from "./generator.js";
export { skinny, skinny as default } from "./plugin.js";
export { presets } from "./presets.js";
export { createSetDiscriminator } from "./set-discriminator.js";
