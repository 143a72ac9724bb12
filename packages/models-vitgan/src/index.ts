export type { GeneratorConfig, ResidualConfig, TransformerConfig, VitganConfig } from "./config.js";
export { createResidualDiscriminator, createTransformerDiscriminator } from "./discriminators.js";
export { vitgan, vitgan as default, vitganFamily } from "./family.js";
export type { GeneratorBlockOptions } from "./generator.js";
export { createGenerator, generatorBlock } from "./generator.js";
export type { PatchDecoderOptions } from "./patch-decoder.js";
export { patchDecoder } from "./patch-decoder.js";
export { presets } from "./presets.js";
