export type {
  AggregatorConfig,
  Architecture,
  AttentionConfig,
  BipartiteConfig,
  DiscriminatorConfig,
  GansformerConfig,
  GeneratorConfig,
  PositionConfig,
} from "./config.js";
export { createDiscriminator } from "./discriminator.js";
export type { GansformerOptions } from "./family.js";
export { gansformerFamily } from "./family.js";
export { createGenerator } from "./generator.js";
export type { MapPosition, MapPositionParams } from "./map-position.js";
export { mapPosition } from "./map-position.js";
export type { MappingNetworkOptions, MappingNetworkParams } from "./mapping-network.js";
export { mappingNetwork } from "./mapping-network.js";
export { gansformer, gansformer as default } from "./plugin.js";
export { presets } from "./presets.js";
export type { LayerStyle } from "./synthesis-layer.js";
export type { Drawn, StyledDrawing, SynthesisParams } from "./synthesis-network.js";
export { attentionMaps, synthesisNetwork } from "./synthesis-network.js";
