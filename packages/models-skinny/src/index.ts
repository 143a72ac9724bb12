export { createAttentionUnet } from "./attention-unet.js";
export type { BlocksInput, BlocksOptions } from "./blocks.js";
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
export { skinny, skinny as default, skinnyFamily } from "./family.js";
export { createGenerator } from "./generator.js";
export { presets } from "./presets.js";
export { createSetDiscriminator } from "./set-discriminator.js";
