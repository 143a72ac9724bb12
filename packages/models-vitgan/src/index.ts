import { definePlugin } from "@ganymede/core";
import { vitganFamily } from "./family.js";

export type { GeneratorConfig, ResidualConfig, TransformerConfig, VitganConfig } from "./config.js";
export { createResidualDiscriminator, createTransformerDiscriminator } from "./discriminators.js";
export type { GeneratorBlockOptions } from "./generator.js";
export { createGenerator, generatorBlock } from "./generator.js";
export type { PatchDecoderOptions } from "./patch-decoder.js";
export { patchDecoder } from "./patch-decoder.js";
export { presets } from "./presets.js";
export { vitganFamily };

/** The family as a plugin. */
export const vitgan = () => definePlugin({ apiVersion: 1, name: "@ganymede/models-vitgan", models: [vitganFamily] });
export default vitgan;
