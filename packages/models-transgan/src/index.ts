export type { BlockInput, BlockOptions } from "./block.js";
export { block } from "./block.js";
export type { Blocks, BlocksOptions } from "./blocks.js";
export { blocks } from "./blocks.js";
export type {
  BlockConfig,
  DiscriminatorConfig,
  GeneratorConfig,
  GroupConfig,
  LocalityConfig,
  MultiScaleConfig,
  NormKind,
  ScaleConfig,
  SingleScaleConfig,
  StageConfig,
  TransganConfig,
} from "./config.js";
export { enlarge } from "./enlarge.js";
export type { TransganOptions } from "./family.js";
export { transganFamily } from "./family.js";
export { createGenerator } from "./generator.js";
export { createMultiScaleDiscriminator } from "./multi-scale-discriminator.js";
export { transgan, transgan as default } from "./plugin.js";
export { presets } from "./presets.js";
export { bicubicMatrix, halvingMatrix, resample, smoothingMatrix } from "./resample.js";
export { createSingleScaleDiscriminator } from "./single-scale-discriminator.js";
