export type { BlocksOptions } from "./blocks.js";
export { blocks } from "./blocks.js";
export type { MultiScaleConfig, SingleScaleConfig, StageConfig, TransganConfig } from "./config.js";
export { createMultiScaleDiscriminator, createSingleScaleDiscriminator } from "./discriminators.js";
export { transgan, transgan as default, transganFamily } from "./family.js";
export { createGenerator } from "./generator.js";
export { presets } from "./presets.js";
export { bicubicMatrix, enlarge, halvingMatrix, resample, smoothingMatrix } from "./resample.js";
