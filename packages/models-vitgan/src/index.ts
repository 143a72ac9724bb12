export type {
  DiscriminatorConfig,
  GeneratorConfig,
  OutputConfig,
  ResidualDiscriminatorConfig,
  TransformerDiscriminatorConfig,
  VitganConfig,
  WeightNorm,
} from "./config.js";
export { createTransformerDiscriminator } from "./discriminator.js";
export type { VitganOptions } from "./family.js";
export { vitganFamily } from "./family.js";
export { createGenerator } from "./generator.js";
export type { GeneratorBlockOptions, StyledTokens } from "./generator-block.js";
export { generatorBlock } from "./generator-block.js";
export type { PatchDecoderOptions } from "./patch-decoder.js";
export { patchDecoder } from "./patch-decoder.js";
export { vitgan, vitgan as default } from "./plugin.js";
export { presets } from "./presets.js";
export { createResidualDiscriminator } from "./residual-discriminator.js";
