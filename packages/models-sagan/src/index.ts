export type { AttentionStepOptions, MapLayer } from "./attention-step.js";
export { attentionStep } from "./attention-step.js";
export type {
  AttentionConfig,
  DiscriminatorConfig,
  GeneratorConfig,
  NormConfig,
  SaganConfig,
  WeightNorm,
} from "./config.js";
export { createDiscriminator } from "./discriminator.js";
export type { SaganOptions } from "./family.js";
export { saganFamily } from "./family.js";
export { createGenerator } from "./generator.js";
export { sagan, sagan as default } from "./plugin.js";
export { presets } from "./presets.js";
