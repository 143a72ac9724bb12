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
export { gansformer, gansformer as default, gansformerFamily } from "./family.js";
export { createGenerator } from "./generator.js";
export type { MapPosition } from "./map-position.js";
export { mapPosition } from "./map-position.js";
export type { LatentSet, MappingNetworkOptions } from "./mapping-network.js";
export { mappingNetwork } from "./mapping-network.js";
export { presets } from "./presets.js";
export type { Components, LayerStyle } from "./synthesis-layer.js";
export type { StyledDrawing } from "./synthesis-network.js";
export { attentionMaps, synthesisNetwork } from "./synthesis-network.js";
