import type { LocalityConfig } from "./locality.js";

/** `layer`: LayerNorm; `pixel`: each token to mean square 1; `batch` and `instance` as for images, without affine in the latter. */
export type NormKind = "layer" | "pixel" | "batch" | "instance" | "none";

/** What blocks of transformers have in common. */
export interface BlockConfig {
  /** Number of heads; must divide every width. */
  readonly heads: number;
  /** Hidden width of the MLPs, in widths of the tokens. */
  readonly mlpRatio: number;
  readonly norm: NormKind;
  readonly activation: "gelu" | "leaky-relu";
  /** Id of a self-attention: `relative` (dot products with a learned bias for each offset), `dot-product`, or one of your own. */
  readonly attention: string;
  /** Learned strength of noise that tokens get before the attention, in training. */
  readonly noise: boolean;
}

/** Blocks of one size of the map. */
export interface StageConfig {
  readonly width: number;
  /** Number of blocks. */
  readonly depth: number;
  /**
   * How the map of the stage before is doubled: `pixel-shuffle` (a quarter of the width), `bicubic` (the width kept), or
   * `smooth-pixel-shuffle` (enlarged four times and averaged back first); `none` for the first stage alone.
   */
  readonly enlarge: "none" | "pixel-shuffle" | "bicubic" | "smooth-pixel-shuffle";
  /** Side of the squares that attention runs in (grid self-attention), in tokens; null for the whole map. */
  readonly window: number | null;
}

export interface GeneratorConfig extends BlockConfig {
  /** Width of z. */
  readonly latentSize: number;
  /** Scale z to the norm sqrt(latentSize). */
  readonly latentNorm: boolean;
  /** Side of the first map, in tokens; every further stage doubles it, the last has the image's. */
  readonly bottom: number;
  readonly stages: readonly StageConfig[];
  /** Every block first attends to a map made of z, as in the networks for CelebA-HQ. */
  readonly crossAttention: boolean;
  /** What the last block sees early in training (version 1); null for all from the start. */
  readonly locality: LocalityConfig | null;
  /** Small images may enter in place of z, for co-training by super-resolution (version 1). */
  readonly coTraining: boolean;
}

/** Blocks that share a window. */
export interface GroupConfig {
  readonly depth: number;
  /** Side of the squares that attention runs in, in tokens; null for the whole map. */
  readonly window: number | null;
}

/** One scale of a discriminator; each further one has half the tokens along a side. */
export interface ScaleConfig {
  /** Channels that the patches of this scale add to what comes from the scale before. */
  readonly width: number;
  /** Side of the squares whose means become the pixels that patches are cut from; 1 for the image itself. */
  readonly shrink: number;
  /** Side and stride of the patches. */
  readonly patchSize: number;
  /** Windows of twice the side at the same stride. */
  readonly overlap: boolean;
  readonly groups: readonly GroupConfig[];
}

/** Version 2: patches of several sizes join as the map shrinks; a class token joins in the last block. */
export interface MultiScaleConfig extends BlockConfig {
  readonly kind: "multi-scale";
  readonly scales: readonly ScaleConfig[];
  /** How the map is halved: means of 2x2, or of 3x3 at stride 2 with zeros around. */
  readonly halving: "2x2" | "3x3";
}

/** Version 1: one size of patches, and a class token from the start. */
export interface SingleScaleConfig extends BlockConfig {
  readonly kind: "single-scale";
  readonly width: number;
  readonly depth: number;
  readonly patchSize: number;
}

export type DiscriminatorConfig = MultiScaleConfig | SingleScaleConfig;

export interface TransganConfig {
  /** Side of the square images in pixels. */
  readonly imageSize: number;
  /** 1 for grey, 3 for colour. */
  readonly channels: number;
  /** Number of classes that images are drawn and judged by; 0 for none. */
  readonly classes: number;
  readonly generator: GeneratorConfig;
  readonly discriminator: DiscriminatorConfig;
}
