import { definePlugin } from "@ganymede/core";
import { saganFamily } from "./family.js";

export type { AttentionStepOptions, MapLayer } from "./attention-step.js";
export { attentionStep } from "./attention-step.js";
export type { DiscriminatorConfig, GeneratorConfig, NormConfig, SaganConfig } from "./config.js";
export { createDiscriminator } from "./discriminator.js";
export { createGenerator } from "./generator.js";
export { presets } from "./presets.js";

/** The family as a plugin. */
const sagan = () => definePlugin({ apiVersion: 1, name: "@ganymede/models-sagan", models: [saganFamily] });

export { sagan, sagan as default, saganFamily };
