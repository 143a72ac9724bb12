export type { AttentionStepOptions, MapLayer } from "./attention-step.js";
export { attentionStep } from "./attention-step.js";
export type { DiscriminatorConfig, GeneratorConfig, NormConfig, SaganConfig } from "./config.js";
export { createDiscriminator } from "./discriminator.js";
export { sagan, sagan as default, saganFamily } from "./family.js";
export { createGenerator } from "./generator.js";
export { presets } from "./presets.js";
